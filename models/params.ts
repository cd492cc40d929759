import type { Tensor } from "./tensor.ts";

/** A network's parameters: a plain record from PyTorch's name to the tensor. */
export type Params = Readonly<Record<string, Tensor>>;
