/** What a step takes: the batch of `pipelines`, its samples as the network wants them. */
export interface TrainingBatch {
  /** `[size, ...inputShape]` numbers in row-major order, and that shape. */
  readonly images: { readonly data: Float32Array | Uint8Array; readonly shape: readonly number[] };
  /** The index of each image's class. */
  readonly labels: Int32Array;
  /** How many images there are. */
  readonly size: number;
}
