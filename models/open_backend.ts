/**
 * Backends, on which models compute: WebGPU or WASM.
 *
 * @module
 */

import type { Backend, OpenedBackend } from "./backend/backend.ts";
import { BackendError } from "./backend/backend_error.ts";
import type { OpenBackendOptions } from "./backend/open_backend_options.ts";
import {
  describeOwnDevice,
  type FoundAdapter,
  requestAdapter,
} from "./kernels/webgpu/device/_adapter.ts";
import { openOnce } from "./kernels/_open_once.ts";
import { openWasm } from "./kernels/_open_wasm.ts";
import { openWebgpu } from "./kernels/_open_webgpu.ts";
import { registerKernels } from "./kernels/_register_kernels.ts";

export type { Backend } from "./backend/backend.ts";
export {
  BackendError,
  type BackendErrorCode,
  type BackendErrorOptions,
  DeviceMemoryError,
} from "./backend/backend_error.ts";
export type { OpenBackendOptions, WebgpuDevice } from "./backend/open_backend_options.ts";

const THROUGH_OPENGL = "through OpenGL: with a Vulkan driver large programs compile faster";

/**
 * Opens a backend; all tensors live on it from then on. `"auto"` takes WebGPU where it has a hardware adapter and WASM
 * otherwise; a software adapter is taken only when `"webgpu"` is asked for by name, and a device of one's own always.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openBackend } from "@rill/rill/models";
 *
 * await using backend = await openBackend("wasm");
 * assertEquals(backend.name, "wasm");
 * ```
 *
 * @param choice The backend's name, or `"auto"`.
 * @param options The kernels, their precision and their tuning, the WASM program's address, a WebGPU device of one's own.
 * @returns The backend, in use.
 * @throws {RangeError} If there is no backend of that name, or an address isn't absolute where it must be.
 * @throws {TypeError} If the device is no `GPUDevice`.
 * @throws {BackendError} If the backend is not to be had, or not in that precision, or if another one is open.
 */
export async function openBackend(
  choice: "auto" | "webgpu" | "wasm" = "auto",
  options: OpenBackendOptions = {},
): Promise<Backend> {
  if (!["auto", "webgpu", "wasm"].includes(choice)) {
    throw new RangeError(
      `Cannot open backend ${JSON.stringify(choice)}: it must be "auto", "webgpu" or "wasm"`,
    );
  }
  return await openOnce(
    choice === "auto" ? "none" : choice,
    () => openChosen(choice, options),
  );
}

async function openChosen(
  choice: "auto" | "webgpu" | "wasm",
  options: OpenBackendOptions,
): Promise<OpenedBackend> {
  const { kernels = "rill", precision = "float32" } = options;
  if (precision === "mixed" && kernels === "stock") {
    throw new BackendError(
      choice === "auto" ? "none" : choice,
      'Cannot use precision "mixed" with kernels "stock": tfjs\'s kernels compute in float32 only',
      { code: "precision-unsupported", option: "precision" },
    );
  }
  registerKernels({ stock: kernels === "stock" });
  const wasm = (reason: string) => {
    if (precision === "float32") return openWasm(reason, options);
    throw new BackendError(
      "wasm",
      `Cannot use precision "mixed" on WASM (${reason}): it computes in float32 only`,
      { code: "precision-unsupported", option: "precision" },
    );
  };
  const webgpu = (found: FoundAdapter, reason: string) =>
    openWebgpu(found, found.device.opengl ? `${reason} (${THROUGH_OPENGL})` : reason, options);
  if (choice === "wasm") return await wasm("asked for by name");
  if (options.device) {
    return await webgpu(describeOwnDevice(options.device), "a device was given");
  }
  const found = await requestAdapter();
  if (choice === "webgpu") {
    if (!found) {
      throw new BackendError(
        "webgpu",
        'Cannot use backend "webgpu" as no WebGPU adapter was found',
        { code: "no-adapter", option: "backend" },
      );
    }
    return await webgpu(found, "asked for by name");
  }
  if (found && !found.device.software) return await webgpu(found, "a hardware adapter was found");
  return await wasm(
    found
      ? `the only WebGPU adapter, ${found.device.description}, is software`
      : "no WebGPU adapter was found",
  );
}
