import type { Tensor } from "../types/tensor.ts";

/** A layer as it is told of: its name in the network, empty for the whole, and what it is. */
export interface WatchedLayer {
  readonly name: string;
  readonly layer: string;
}

/** Whoever looks at what goes through a network. What each function gives goes on in the place of what it was shown. */
export interface LayerWatch {
  /** Sees what a layer is given, before the layers in it do. */
  seeInput(layer: WatchedLayer, x: Tensor): Tensor;
  /** Sees a parameter of a layer's own, by its name in the network. */
  seeParameter(layer: WatchedLayer, name: string, parameter: Tensor): Tensor;
  /** Sees what a layer gives, after the layers in it have. */
  seeOutput(layer: WatchedLayer, y: Tensor): Tensor;
}

// A pass is made in one go, so there is no other between the beginning and the end of one that is watched.
let current: LayerWatch | undefined;

/** Gives the watch of the pass that is being made, if it is watched. */
export const getWatch = (): LayerWatch | undefined => current;

/** Makes a pass under a watch. Each layer is computed by itself then, so that its output is there to be seen. */
export function watchLayers<T>(watch: LayerWatch, makePass: () => T): T {
  const before = current;
  current = watch;
  try {
    return makePass();
  } finally {
    current = before;
  }
}
