import * as tf from "@tensorflow/tfjs-core";
import { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";
import { BackendError, DeviceMemoryError } from "../backend/backend_error.ts";
import type { Backend, OpenedBackend } from "../backend/backend.ts";
import type { Device } from "../backend/device.ts";
import type { OpenBackendOptions } from "../backend/open_backend_options.ts";
import type { Adapter, AdapterDevice, FoundAdapter } from "./webgpu/device/_adapter.ts";
import type { GpuDevice } from "./webgpu/device/_gpu_backend.ts";
import { registerWebgpuKernels } from "./_register_webgpu.ts";
import { loadTiles } from "./webgpu/convolutions/_convolution.ts";
import { submitCommands } from "./webgpu/device/_dispatch.ts";
import { identifyAdapter, readStoredTuning } from "./webgpu/tuning/_stored_tuning.ts";
import { guardBackend, isLost } from "./webgpu/device/_guard.ts";
import { usePrecision } from "./webgpu/device/_gpu_backend.ts";
import { findSoftwareTuning, getDiscreteTuning, useTuning } from "./webgpu/gemm/_tuning.ts";

// With WebGPU's defaults a binding ends at 128 MiB, and what needs more silently gives zeros.
const LIMITS = [
  "maxBufferSize",
  "maxStorageBufferBindingSize",
  "maxStorageBuffersPerShaderStage",
  "maxComputeWorkgroupStorageSize",
  "maxComputeInvocationsPerWorkgroup",
  "maxComputeWorkgroupSizeX",
  "maxComputeWorkgroupSizeY",
  "maxComputeWorkgroupSizeZ",
  "maxComputeWorkgroupsPerDimension",
];

/**
 * Dispatches that are recorded before they are submitted, where nobody submits them before. More than a step of AlexNet has;
 * what is released until then keeps its memory.
 */
const MOST_RECORDED = 128;

/** Opens a device on the adapter, with all its limits, or takes the one that is open already, and gives it to tfjs. */
export async function openWebgpu(
  { adapter, opened, info, device: found }: FoundAdapter,
  reason: string,
  { kernels, tuning, precision = "float32" }: OpenBackendOptions = {},
): Promise<OpenedBackend> {
  registerWebgpuKernels({ stock: kernels === "stock" });
  if (precision === "mixed" && !found.features.includes("shader-f16")) {
    throw new BackendError(
      "webgpu",
      `Cannot use precision "mixed" as ${found.description} lacks shader-f16`,
      { code: "precision-unsupported", option: "precision" },
    );
  }
  // What is lost already says so at once.
  const lost = opened && await Promise.race([opened.lost, undefined]);
  if (lost) {
    throw new BackendError(
      "webgpu",
      `Cannot open WebGPU on ${found.description} as the device was lost: ${lost.message}`,
      { code: "device-lost" },
    );
  }
  const device = opened ?? await openDevice(adapter!, found);
  const gpu = device as unknown as GpuDevice;
  const usual = found.software
    ? await findSoftwareTuning(gpu, info.subgroupMinSize ?? 0)
    : getDiscreteTuning(gpu);
  const identity = identifyAdapter(info);
  const stored = tuning === undefined ? undefined : readStoredTuning(tuning, identity, {
    limits: gpu.limits,
    subgroups: usual.subgroups !== undefined,
  });
  const tiles = usual.tiles === true && kernels !== "direct";
  if (tiles) await loadTiles();
  useTuning(gpu, {
    ...usual,
    tiles,
    identity,
    ...stored && "tuned" in stored ? stored : {},
  });
  usePrecision(gpu, precision);
  let failure: BackendError | undefined;
  let closing = false;
  const onError = (event: Event) => {
    // Whoever has opened the device may want to see it on the console.
    if (!opened) event.preventDefault();
    failure ??= fromGpuError((event as unknown as { error: Error }).error);
  };
  device.addEventListener("uncapturederror", onError);
  device.lost.then(({ message }) => {
    if (closing) return;
    failure ??= isOutOfMemory(message) ? new DeviceMemoryError("webgpu") : createLostError(message);
  });
  // The one that the package registers when it is loaded, or one that was opened before.
  if (tf.findBackendFactory("webgpu")) tf.removeBackend("webgpu");
  const backend = new WebGPUBackend(
    device as unknown as ConstructorParameters<typeof WebGPUBackend>[0],
    info as unknown as ConstructorParameters<typeof WebGPUBackend>[1],
  );
  const explain = (error: unknown): unknown => {
    if (failure || error instanceof BackendError) return failure ?? error;
    if (isOutOfMemory(String(error))) return new DeviceMemoryError("webgpu");
    return isEngineError(error) && isLost(gpu) ? failure = createLostError() : error;
  };
  guardBackend(backend, gpu, explain);
  tf.registerBackend("webgpu", () => backend);
  await tf.setBackend("webgpu");
  tf.env().set("WEBGPU_DEFERRED_SUBMIT_BATCH_SIZE", MOST_RECORDED);
  const check = () => {
    if (failure) throw failure;
  };
  return {
    name: "webgpu",
    hardware: !found.software,
    description: `WebGPU on ${found.description}${found.software ? " (software)" : ""}${
      precision === "mixed" ? ", mixed precision" : ""
    }`,
    reason,
    ...describeTuning(stored),
    check,
    async sync() {
      submitCommands(backend);
      await device.queue.onSubmittedWorkDone();
      check();
    },
    toBackendError: explain,
    close() {
      closing = true;
      if (tf.findBackend("webgpu") === backend) tf.removeBackend("webgpu");
      if (opened) opened.removeEventListener("uncapturederror", onError);
      else device.destroy();
      return Promise.resolve();
    },
  };
}

/** Says which of the stored programs are used, where there are some. */
function describeTuning(
  stored: ReturnType<typeof readStoredTuning> | undefined,
): Pick<Backend, "tuning"> {
  if (!stored) return {};
  if ("ignored" in stored) return { tuning: stored };
  return stored.tuned.size > 0 ? { tuning: { classes: stored.tuned.size } } : {};
}

/** Opens a device of Rill's own. */
async function openDevice(adapter: Adapter, found: Device): Promise<AdapterDevice> {
  const features = ["shader-f16", "timestamp-query"].filter((name) => adapter.features.has(name));
  try {
    return await requestDevice(adapter, found, features);
  } catch (error) {
    throw new BackendError(
      "webgpu",
      `Cannot open WebGPU on ${found.description}: ${
        error instanceof Error ? error.message : error
      }`,
      { code: "open-failed", cause: error },
    );
  }
}

/** Asks for a device, with subgroups on a software adapter: Deno has them without saying so. */
function requestDevice(
  adapter: Adapter,
  found: Device,
  features: readonly string[],
): Promise<AdapterDevice> {
  const requiredLimits = Object.fromEntries(
    Object.entries(found.limits).filter(([name]) => LIMITS.includes(name)),
  );
  const request = (requiredFeatures: string[]) =>
    adapter.requestDevice({ requiredFeatures, requiredLimits });
  return found.software
    ? request([...features, "subgroups"]).catch(() => request([...features]))
    : request([...features]);
}

const createLostError = (reason?: string): BackendError =>
  new BackendError(
    "webgpu",
    `Cannot go on as the WebGPU device was lost${reason ? `: ${reason}` : ""}`,
    { code: "device-lost" },
  );

/** Tells whether an error is one that engines throw for calls on a device. */
const isEngineError = (error: unknown): boolean =>
  error instanceof Error && /^(Operation|Abort|InvalidState|Type)Error$/.test(error.name);

function fromGpuError(error: Error): BackendError {
  return error.constructor.name === "GPUOutOfMemoryError" || isOutOfMemory(error.message)
    ? new DeviceMemoryError("webgpu", { cause: error })
    : new BackendError(
      "webgpu",
      `Cannot go on as WebGPU refused an operation: ${error.message.trim().replace(/\s+/g, " ")}`,
      { code: "operation-refused", cause: error },
    );
}

// Drivers refuse a buffer or a binding beyond their limits with a validation error, which is want of memory as well.
function isOutOfMemory(message: string): boolean {
  return /out of memory|not enough memory|array buffer allocation|invalid (typed )?array( buffer)? length|max_?buffer_?(size|binding)|buffer size .* (greater|exceeds|larger)|binding.*range.*exceeds/i
    .test(message);
}
