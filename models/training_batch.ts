/** What a step takes: the batch of `pipelines`, its samples as the network wants them or as a step's `input` takes them. */
export interface TrainingBatch {
  /** Numbers in row-major order, and their shape: `[size, ...inputShape]`, or what the `input` takes. */
  readonly images: { readonly data: Float32Array | Uint8Array; readonly shape: readonly number[] };
  /** The index of each image's class. */
  readonly labels: Int32Array;
  /** How many images there are. */
  readonly size: number;
}
