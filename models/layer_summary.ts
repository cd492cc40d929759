/** What is known of a built layer without running it. */
export interface LayerSummary {
  /** The layer's name in the network, such as `conv.0`. */
  readonly name: string;
  /** The layer with its settings. */
  readonly layer: string;
  /** The shape of its output for one example: `[height, width, channels]` or `[features]`. */
  readonly outputShape: readonly number[];
  /** How many numbers it learns. */
  readonly parameters: number;
  /** Floating-point operations of a forward pass for one example; a multiplication with its addition counts as two. */
  readonly flops: number;
}
