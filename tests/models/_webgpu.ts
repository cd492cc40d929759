import {
  type Body,
  findAdapter,
  hosting,
  registerHosted,
  type TestAdapter,
} from "./_webgpu_process.ts";

/** Says what a test needs that an adapter lacks, such as `no shader-f16`; `undefined` where it has all. */
export type Lack = (adapter: TestAdapter) => string | undefined;

let found: { readonly adapter: TestAdapter | undefined } | undefined;

/**
 * Registers a test that needs a WebGPU adapter, a software one will do. Where there is none, or where it lacks what the test
 * needs, the test is reported as ignored, with the reason in its name.
 */
export function webgpuTest(name: string, fn: Body, ...lacks: readonly Lack[]): void {
  if (hosting) return registerHosted(name, fn);
  const { adapter } = found ??= { adapter: findAdapter() };
  const missing = adapter
    ? lacks.map((lack) => lack(adapter)).find((reason) => reason !== undefined)
    : "no WebGPU adapter";
  registerHosted(name, fn, missing);
}

/** For tests of an optional feature of WebGPU's. */
export const withFeature = (feature: string): Lack => ({ device }) =>
  device.features.includes(feature) ? undefined : `the WebGPU adapter has no ${feature}`;

/** For tests of programs that use subgroups. */
export const withSubgroups: Lack = ({ subgroups }) =>
  subgroups ? undefined : "the WebGPU adapter has no subgroups";

/** For tests with a tensor of so many bytes. */
export const withBindingOf = (bytes: number): Lack => ({ device }) => {
  const { maxStorageBufferBindingSize: most = 0 } = device.limits;
  return most < bytes ? `the WebGPU adapter binds ${most} of ${bytes} bytes` : undefined;
};

/** For tests of memory that threads share, which a page has only where it is isolated from others. */
export const withSharedMemory: Lack = () =>
  typeof SharedArrayBuffer === "undefined" ? "no shared memory" : undefined;

/** For tests of the large programs that are written for GPUs: OpenGL takes minutes to compile one. */
export const withFastCompiler: Lack = ({ device }) =>
  device.opengl ? "the WebGPU adapter is OpenGL's, which takes minutes to compile" : undefined;

/**
 * Registers a test that looks for a WebGPU adapter, and passes without one.
 *
 * The tests of a file that use WebGPU run in a process of their own. The runner ends while its threads are still giving back
 * what tests have opened, and Mesa doesn't survive that: now and then the runner would abort with all tests passed.
 */
export function adapterTest(name: string, fn: Body): void {
  registerHosted(name, fn);
}
