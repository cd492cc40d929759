import * as tf from "@tensorflow/tfjs-core";
import type { KernelSignatures } from "./_kernel_signatures.ts";

/** The names of the kernels that are registered here. */
export type KernelName = keyof KernelSignatures;

/** The call of a kernel by tfjs. */
export type KernelCall<Name extends KernelName> = KernelSignatures[Name] & {
  readonly backend: unknown;
};

/** A kernel's result: a tensor or several. */
export type KernelResult = tf.TensorInfo | tf.TensorInfo[];

/** A kernel as tfjs calls it. */
export type Kernel<Name extends KernelName> = (call: KernelCall<Name>) => KernelResult;

/** The kernel that a backend had under a name, if tfjs has such a kernel. */
type Original = readonly [
  kernelName: string,
  backendName: string,
  config: tf.KernelConfig | undefined,
];

/** The kernels that were registered before ours, by backend and kernel. */
const originals = new Map<string, Original>();

/**
 * Registers a kernel in the place of the one that a backend has, if it has one.
 *
 * @param kernel Computes the result. It may call the kernel that was there before, which throws where there was none.
 */
export function replaceKernel<Name extends KernelName>(
  backendName: string,
  kernelName: Name,
  kernel: (call: KernelCall<Name>, original: Kernel<Name>) => KernelResult,
): void {
  const config = tf.getKernel(kernelName, backendName);
  const key = `${backendName} ${kernelName}`;
  if (!originals.has(key)) originals.set(key, [kernelName, backendName, config]);
  const original = config?.kernelFunc as unknown as Kernel<Name> | undefined ?? (() => {
    throw new Error(`Cannot run ${kernelName} as the ${backendName} backend has no such kernel`);
  });
  if (config) tf.unregisterKernel(kernelName, backendName);
  tf.registerKernel({
    ...config,
    kernelName,
    backendName,
    kernelFunc: ((call: KernelCall<Name>) => kernel(call, original)) as unknown as tf.KernelFunc,
  });
}

/** Puts back all kernels of a backend that were replaced. */
export function restoreKernels(name: string): void {
  for (const [key, [kernelName, backendName, config]] of originals) {
    if (backendName !== name) continue;
    tf.unregisterKernel(kernelName, backendName);
    if (config) tf.registerKernel(config);
    originals.delete(key);
  }
}
