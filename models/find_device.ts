/**
 * WebGPU adapters: whether there is one, and what it can do.
 *
 * @module
 */

import type { Device } from "./backend/device.ts";
import { requestAdapter } from "./kernels/webgpu/device/_adapter.ts";

export type { Device } from "./backend/device.ts";

/**
 * Looks for a WebGPU adapter.
 *
 * @example Usage
 * ```ts
 * import { findDevice } from "@rill/rill/models";
 *
 * const device = await findDevice();
 * console.log(device ? device.description : "no adapter");
 * ```
 *
 * @returns The adapter that WebGPU gives first when asked for a fast one, or `undefined` if there is no adapter.
 */
export async function findDevice(): Promise<Device | undefined> {
  return (await requestAdapter())?.device;
}
