import * as tf from "@tensorflow/tfjs-core";

/** A kernel as tfjs calls it, its result a tensor or several. */
export type Kernel = (call: {
  inputs: Readonly<Record<string, tf.TensorInfo>>;
  attrs?: object;
  backend: unknown;
}) => tf.TensorInfo | tf.TensorInfo[];

/** Registers a kernel in the place of the backend's own, which it gets if there was one. */
export function replaceKernel(
  backendName: string,
  kernelName: string,
  kernel: (call: Parameters<Kernel>[0], original?: Kernel) => tf.TensorInfo | tf.TensorInfo[],
): void {
  const config = tf.getKernel(kernelName, backendName);
  const original = config?.kernelFunc as unknown as Kernel | undefined;
  if (config) tf.unregisterKernel(kernelName, backendName);
  tf.registerKernel({
    ...config,
    kernelName,
    backendName,
    kernelFunc: ((call: Parameters<Kernel>[0]) =>
      kernel(call, original)) as unknown as tf.KernelFunc,
  });
}
