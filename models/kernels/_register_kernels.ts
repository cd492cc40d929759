import { restoreKernels } from "./definitions/_replace_kernel.ts";

/** The kernels of Rill's that are wanted. */
export interface KernelOptions {
  /** Whether only what tfjs lacks or gets wrong is replaced, so that its own kernels can be compared with. */
  readonly stock: boolean;
  /** Whether convolutions always go the direct way, so that others can be compared with it. */
  readonly direct?: boolean;
}

/** What each backend's kernels were registered by. */
const registered = new Map<string, KernelOptions>();

/**
 * Registers Rill's kernels for one backend, if they are not yet, or those that are wanted in the place of the ones before. Each
 * backend's are in a module of its own, which is loaded with it: a program that computes on one has no need of the other's.
 *
 * @param register Registers them, none of them being registered.
 */
export function registerKernels(
  backendName: string,
  options: KernelOptions | undefined,
  register: (options: KernelOptions) => void,
): void {
  const before = registered.get(backendName);
  const { stock, direct = false } = options ?? before ?? { stock: false };
  if (before?.stock === stock && before.direct === direct) return;
  if (before) restoreKernels(backendName);
  registered.set(backendName, { stock, direct });
  register({ stock, direct });
}
