// The gradients of the library's kernels. It has some of its own in a package of a hundred kilobytes, not all of them right.
import * as tf from "@tensorflow/tfjs-core";
import type { KernelGradients } from "./differentiable.ts";
import { elementwiseGradients } from "./elementwise_gradients.ts";
import { productGradients } from "./product_gradients.ts";
import { reductionGradients } from "./reduction_gradients.ts";
import { shapeGradients } from "./shape_gradients.ts";
import { findInputShapes } from "./tape.ts";

const GRADIENTS: KernelGradients = {
  ...elementwiseGradients,
  ...reductionGradients,
  ...productGradients,
  ...shapeGradients,
};

let registered = false;

/** Registers the gradients, once, in the place of the library's where those were registered before. */
export function registerGradients(): void {
  if (registered) return;
  registered = true;
  for (const [kernelName, gradient] of Object.entries(GRADIENTS)) {
    if (tf.getGradient(kernelName)) tf.unregisterGradient(kernelName);
    const gradFunc: typeof gradient.gradFunc = (dy, saved, attrs) =>
      gradient.gradFunc(dy, saved, attrs, findInputShapes(saved));
    tf.registerGradient({ kernelName, ...gradient, gradFunc } as unknown as tf.GradConfig);
  }
}
