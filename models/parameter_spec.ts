/** One parameter of a network: what it is called and how it is laid out at rest and in memory. */
export interface ParameterSpec {
  /** PyTorch's name, such as `conv.0.weight`. */
  readonly name: string;
  /** The shape at rest, PyTorch's: OIHW for a convolution, out × in for a linear layer. */
  readonly shape: readonly number[];
  /** Which dimension at rest each dimension in memory is: `[2, 3, 1, 0]` for OIHW at rest and HWIO in memory. */
  readonly order: readonly number[];
  /** Whether it is a weight or a bias, which initialisers treat differently. */
  readonly role: "weight" | "bias";
  /** How many inputs one output sums over. */
  readonly fanIn: number;
  /** How many outputs one input reaches. */
  readonly fanOut: number;
}
