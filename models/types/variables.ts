import type { Params } from "./tensor.ts";

/** The numbers of a network, each a plain record from PyTorch's names to tensors. */
export interface Variables {
  /** The parameters, which training changes by their gradients. */
  readonly params: Params;
  /** The buffers, such as running statistics: a training pass gives new ones beside its output, an optimizer never sees them. */
  readonly buffers: Params;
}
