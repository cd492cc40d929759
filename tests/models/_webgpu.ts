import { findDevice } from "@rill/rill/models";

const device = await findDevice();

/**
 * Registers a test that needs a WebGPU adapter, a software one will do. Where there is none it is reported as ignored, with
 * the reason in its name.
 */
export function webgpuTest(name: string, fn: () => void | Promise<void>): void {
  Deno.test({
    name: device ? name : `${name} (ignored: no WebGPU adapter)`,
    ignore: !device,
    fn,
  });
}
