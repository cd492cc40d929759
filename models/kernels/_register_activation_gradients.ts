import * as tf from "@tensorflow/tfjs-core";
import { ACTIVATION_GRADIENT, RELU_GRADIENT } from "./definitions/_kernel_names.ts";

/** Kernels by the activation function whose gradient they compute, from its input or its result. */
const KERNELS: Readonly<
  Record<string, readonly [kernelName: string, attrs: tf.NamedAttrMap, from: "input" | "output"]>
> = {
  Relu: [RELU_GRADIENT, {}, "input"],
  Sigmoid: [ACTIVATION_GRADIENT, { kind: "sigmoid" }, "output"],
  Tanh: [ACTIVATION_GRADIENT, { kind: "tanh" }, "input"],
};

let registered = false;

/** Makes gradients of activation functions a single kernel on the backends that have one; on the others they stay several. */
export function registerActivationGradients(): void {
  // Gradients come with another package, which may not be there.
  if (registered || !tf.getGradient("Relu")) return;
  registered = true;
  for (const [activation, [kernelName, attrs, from]] of Object.entries(KERNELS)) {
    const config = tf.getGradient(activation);
    tf.unregisterGradient(activation);
    tf.registerGradient({
      ...config,
      ...from === "input" && { inputsToSave: ["x"] },
      gradFunc: (dy, saved, ...rest) => {
        const inputs = { x: saved[0]!, dy: dy as tf.Tensor };
        // The library's takes the input alone, or the result alone, which comes last.
        return tf.getKernel(kernelName, tf.getBackend())
          ? { x: () => tf.engine().runKernel(kernelName, inputs, attrs) as tf.Tensor }
          : config.gradFunc(dy, saved.slice(-1), ...rest);
      },
    });
  }
}
