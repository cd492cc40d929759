import * as tf from "@tensorflow/tfjs-core";
import { RELU_GRADIENT } from "./definitions/_kernel_names.ts";

let registered = false;

/** Makes the gradient of `Relu` a single kernel on the backends that have one; on the others it stays two. */
export function registerReluGradient(): void {
  const config = tf.getGradient("Relu");
  // Gradients come with another package, which may not be there.
  if (registered || !config) return;
  registered = true;
  tf.unregisterGradient("Relu");
  tf.registerGradient({
    ...config,
    gradFunc: (dy, saved, attrs) => {
      const [x] = saved;
      if (!x || !tf.getKernel(RELU_GRADIENT, tf.getBackend())) {
        return config.gradFunc(dy, saved, attrs);
      }
      const inputs = { x, dy: dy as tf.Tensor };
      return { x: () => tf.engine().runKernel(RELU_GRADIENT, inputs) as tf.Tensor };
    },
  });
}
