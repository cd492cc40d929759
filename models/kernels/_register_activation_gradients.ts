import * as tf from "@tensorflow/tfjs-core";
import { ACTIVATION_GRADIENT, RELU_GRADIENT } from "./definitions/_kernel_names.ts";

/** Kernels by the activation function whose gradient they compute, from the tensor that the library saves for it. */
const KERNELS: Readonly<Record<string, readonly [kernelName: string, attrs: tf.NamedAttrMap]>> = {
  Relu: [RELU_GRADIENT, {}],
  Sigmoid: [ACTIVATION_GRADIENT, { kind: "sigmoid" }],
  Tanh: [ACTIVATION_GRADIENT, { kind: "tanh" }],
};

let registered = false;

/** Makes gradients of activation functions a single kernel on the backends that have one; on the others they stay several. */
export function registerActivationGradients(): void {
  // Gradients come with another package, which may not be there.
  if (registered || !tf.getGradient("Relu")) return;
  registered = true;
  for (const [activation, [kernelName, attrs]] of Object.entries(KERNELS)) {
    const config = tf.getGradient(activation);
    tf.unregisterGradient(activation);
    tf.registerGradient({
      ...config,
      gradFunc: (dy, saved, ...rest) => {
        const [x] = saved;
        if (!x || !tf.getKernel(kernelName, tf.getBackend())) {
          return config.gradFunc(dy, saved, ...rest);
        }
        const inputs = { x, dy: dy as tf.Tensor };
        return { x: () => tf.engine().runKernel(kernelName, inputs, attrs) as tf.Tensor };
      },
    });
  }
}
