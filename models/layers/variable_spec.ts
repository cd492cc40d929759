import type { Initializer } from "./initializers.ts";

/** One buffer of a layer, or what a parameter has in common with it: its layout at rest and in memory, and its first value. */
export interface VariableSpec {
  /** The shape at rest, PyTorch's: OIHW for a convolution, out × in for a linear layer; `[]` for a single number. */
  readonly shape: readonly number[];
  /**
   * The dimension at rest that each dimension in memory is: `[2, 3, 1, 0]` for OIHW at rest and HWIO in memory.
   *
   * @default {the same}
   */
  readonly order?: readonly number[];
  /**
   * Draws the first value.
   *
   * @default {a buffer is 0; a parameter is drawn by the initializer that `init` is given}
   */
  readonly initializer?: Initializer;
}

/** One parameter of a layer. */
export interface ParameterSpec extends VariableSpec {
  /**
   * Whether it is a weight or a bias, which the initializer that `init` is given treats differently.
   *
   * @default {"weight"}
   */
  readonly role?: "weight" | "bias";
  /**
   * The number of inputs that one output sums over.
   *
   * @default {the product of all dimensions but the first}
   */
  readonly fanIn?: number;
  /**
   * The number of outputs that one input reaches.
   *
   * @default {the product of all dimensions but the second}
   */
  readonly fanOut?: number;
}

/** A parameter or a buffer of a network: its name, its layout at rest and in memory. */
export interface NamedSpec {
  /** PyTorch's name, such as `conv.0.weight`. */
  readonly name: string;
  /** The shape at rest, PyTorch's. */
  readonly shape: readonly number[];
  /** The dimension at rest that each dimension in memory is. */
  readonly order: readonly number[];
  /** Draws the first value, where the layer says how. */
  readonly initializer?: Initializer | undefined;
}

/** A parameter of a network. */
export interface NamedParameterSpec extends NamedSpec {
  /** Whether it is a weight or a bias. */
  readonly role: "weight" | "bias";
  /** The number of inputs that one output sums over. */
  readonly fanIn: number;
  /** The number of outputs that one input reaches. */
  readonly fanOut: number;
}

/** What a layer knows of tensors in files of its weights that aren't called as its variables are. */
export interface FileNames {
  /**
   * Gives the name here of a variable that a file calls otherwise, such as an earlier version's; `undefined` where there is none.
   * Names are those within the layer.
   */
  readonly rename?: (name: string) => string | undefined;
  /** Tells whether a tensor of a file is of a part that the layer does without, such as an auxiliary classifier. */
  readonly isLeftOver?: (name: string) => boolean;
}
