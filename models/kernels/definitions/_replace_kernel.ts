import * as tf from "@tensorflow/tfjs-core";

/** A kernel as tfjs calls it, its result a tensor or several. */
export type Kernel = (call: {
  inputs: Readonly<Record<string, tf.TensorInfo>>;
  attrs?: object;
  backend: unknown;
}) => tf.TensorInfo | tf.TensorInfo[];

/** What was registered before, by backend and kernel; nothing where tfjs has no such kernel. */
const originals = new Map<string, readonly [string, string, tf.KernelConfig | undefined]>();

/** Registers a kernel in the place of the backend's own, which it gets if there was one. */
export function replaceKernel(
  backendName: string,
  kernelName: string,
  kernel: (call: Parameters<Kernel>[0], original?: Kernel) => tf.TensorInfo | tf.TensorInfo[],
): void {
  const config = tf.getKernel(kernelName, backendName);
  const key = `${backendName} ${kernelName}`;
  if (!originals.has(key)) originals.set(key, [kernelName, backendName, config]);
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

/** Puts back all kernels that were replaced. */
export function restoreKernels(): void {
  for (const [kernelName, backendName, config] of originals.values()) {
    tf.unregisterKernel(kernelName, backendName);
    if (config) tf.registerKernel(config);
  }
  originals.clear();
}
