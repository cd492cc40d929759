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
import { checkSignal } from "./types/_signal.ts";
import { openOnce } from "./kernels/_open_once.ts";

export type { Backend } from "./backend/backend.ts";
export type { AsyncDisposal } from "./types/tensor.ts";
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
 * @param options The kernels, their precision and their tuning, the WASM program's address, a WebGPU device of one's own, a
 * signal that ends the opening.
 * @returns The backend, in use.
 * @throws {RangeError} If there is no backend of that name, or an address isn't absolute where it must be.
 * @throws {TypeError} If the device is no `GPUDevice`, or the signal no `AbortSignal`.
 * @throws {BackendError} If the backend is not to be had, or not in that precision, or if another one is open.
 * @throws {unknown} The signal's reason if that is aborted before the backend is open.
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
  const { signal } = options;
  checkSignal("open a backend", signal);
  signal?.throwIfAborted();
  return await openOnce(choice === "auto" ? "none" : choice, async () => {
    const opened = await openChosen(choice, options);
    // What it waited for may not know of the signal, such as a device.
    if (!signal?.aborted) return opened;
    await opened.close();
    throw signal.reason;
  });
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
  // Each is loaded when it is opened: a page has no need of the other's programs, and a third less to load.
  const wasm = async (reason: string) => {
    if (precision === "float32") {
      const { openWasm } = await import("./kernels/_open_wasm.ts");
      return await openWasm(reason, options);
    }
    throw new BackendError(
      "wasm",
      `Cannot use precision "mixed" on WASM (${reason}): it computes in float32 only`,
      { code: "precision-unsupported", option: "precision" },
    );
  };
  const webgpu = async (found: FoundAdapter, reason: string) => {
    const { openWebgpu } = await import("./kernels/_open_webgpu.ts");
    const why = found.device.opengl ? `${reason} (${THROUGH_OPENGL})` : reason;
    return await openWebgpu(found, why, options);
  };
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
