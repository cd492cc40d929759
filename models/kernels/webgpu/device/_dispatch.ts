import * as tf from "@tensorflow/tfjs-core";
import { BackendError } from "../../../backend/backend_error.ts";
import {
  type GpuBackend,
  type GpuBuffer,
  type GpuDevice,
  type GpuPipeline,
  UNIFORM,
} from "./_gpu_backend.ts";
import { explainError } from "./_guard.ts";

/**
 * A program of one entry point, `main`. Its tensors are bound in order from 0 in group 0, its settings after them as a
 * uniform, and those that change from step to step after these as another.
 */
export interface Program {
  /** Names the code: two programs with the same key have the same code. */
  readonly key: string;
  /** Writes the code. */
  readonly code: () => string;
}

/** Writes how a program's tensors of one type and its settings are bound: a result, what it reads, and a struct `Settings` called `s`. */
export const writeBindings = (type: string, result: string, sources: readonly string[]): string =>
  [
    `@group(0) @binding(0) var<storage, read_write> ${result} : array<${type}>;`,
    ...sources.map((source, i) =>
      `@group(0) @binding(${i + 1}) var<storage, read> ${source} : array<${type}>;`
    ),
    `@group(0) @binding(${sources.length + 1}) var<uniform> s : Settings;`,
  ].join("\n");

/** A setting: an integer unless it is marked as a float. */
export type Setting = number | { readonly float: number };

/** The programs and settings that one device has been given so far. */
interface Prepared {
  readonly pipelines: Map<string, GpuPipeline>;
  readonly settings: Map<string, GpuBuffer>;
}

/** More sets of settings than a training has: those of other sizes of batches come and go. */
const MOST_SETTINGS = 1024;

const prepared = new WeakMap<GpuDevice, Prepared>();

/**
 * Records one dispatch of a program among tfjs's own. Settings become a buffer that stays, so that a step like the one before
 * it uploads nothing.
 */
export function dispatch(
  backend: GpuBackend,
  program: Program,
  tensors: readonly tf.TensorInfo[],
  settings: readonly Setting[],
  [x, y, z]: readonly [x: number, y: number, z: number],
  /** Settings that no other step has: their buffer goes when the commands have been submitted. */
  stepSettings: readonly Setting[] = [],
): void {
  const { device } = backend;
  const most = device.limits.maxComputeWorkgroupsPerDimension;
  if (Math.max(x, y, z) > most) {
    throw new BackendError(
      "webgpu",
      `Cannot run ${program.key} as ${x} × ${y} × ${z} workgroups: the device takes ${most} a dimension`,
      { code: "limit-exceeded" },
    );
  }
  const known = prepared.get(device) ?? { pipelines: new Map(), settings: new Map() };
  prepared.set(device, known);
  const pipeline = known.pipelines.get(program.key) ?? compileProgram(device, program);
  known.pipelines.set(program.key, pipeline);
  const buffers = tensors.map((tensor) => getBuffer(backend, program, tensor));
  backend.ensureCommandEncoderReady();
  if (settings.length > 0) buffers.push(getSettingsBuffer(device, known, settings));
  if (stepSettings.length > 0) buffers.push(getStepBuffer(backend, stepSettings));
  const group = device.createBindGroup({
    layout: pipeline.getBindGroupLayout(0),
    entries: buffers.map((buffer, binding) => ({ binding, resource: { buffer } })),
  });
  // tfjs keeps the buffers of what is released until the commands that use them are submitted.
  for (const { dataId } of tensors) backend.commandQueueOwnedIds.add(dataId);
  const pass = backend.computePassEncoder ??= backend.commandEncoder!.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, group);
  pass.dispatchWorkgroups(x, y, z);
  backend.dispatchCountInPass++;
  if (backend.dispatchCountInPass >= tf.env().getNumber("WEBGPU_DEFERRED_SUBMIT_BATCH_SIZE")) {
    backend.endComputePassEncoder();
    backend.submitQueue();
  }
}

/** Hands the device the commands that were recorded so far, and with them the memory of what was released. */
export function submitCommands(backend: object = tf.backend()): void {
  // Other backends record nothing, and have no encoder.
  const recorder = backend as Partial<GpuBackend>;
  if (!recorder.commandEncoder) return;
  recorder.endComputePassEncoder?.();
  recorder.submitQueue?.();
}

/** Counts the programs that were compiled for a device so far. */
export function countPrograms(device: GpuDevice): number {
  return prepared.get(device)?.pipelines.size ?? 0;
}

/** Spreads workgroups over two dimensions, at least as many as asked for: one dimension alone may be too short. */
export function spreadGroups(
  backend: GpuBackend,
  groups: number,
): [x: number, y: number, z: number] {
  const most = backend.device.limits.maxComputeWorkgroupsPerDimension;
  const y = Math.ceil(groups / most);
  return [Math.ceil(groups / y), y, 1];
}

/** The beginning of a program with a thread for each number, in workgroups of 64 that were spread: `at` is the thread's. */
export const EACH_THREAD = `@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group : vec3<u32>,
  @builtin(num_workgroups) groups : vec3<u32>,
  @builtin(local_invocation_id) thread : vec3<u32>,
) {
  let at = i32((group.y * groups.x + group.x) * 64u + thread.x);`;

/** Makes a float32 tensor on the device, whose numbers a program is to write. */
export function makeOutput(backend: GpuBackend, shape: readonly number[]): tf.TensorInfo {
  return backend.makeTensorInfo([...shape], "float32");
}

function compileProgram(device: GpuDevice, program: Program): GpuPipeline {
  const module = device.createShaderModule({ code: program.code() });
  return device.createComputePipeline({
    label: program.key,
    layout: "auto",
    compute: { module, entryPoint: "main" },
  });
}

function getBuffer(backend: GpuBackend, program: Program, tensor: tf.TensorInfo): GpuBuffer {
  const bytes = 4 * tf.util.sizeFromShape(tensor.shape);
  const most = Math.min(
    backend.device.limits.maxStorageBufferBindingSize,
    backend.device.limits.maxBufferSize,
  );
  if (bytes > most) {
    throw new BackendError(
      "webgpu",
      `Cannot run ${program.key} on a tensor of ${
        tensor.shape.join(" × ")
      }: its ${bytes} bytes are more than the ${most} that the device binds`,
      { code: "limit-exceeded" },
    );
  }
  backend.uploadToGPU(tensor.dataId);
  return backend.tensorMap.get(tensor.dataId).resource!;
}

/** Packs settings into words: uniforms come in units of 16 bytes. */
function packSettings(settings: readonly Setting[]): Uint32Array {
  const data = new DataView(new ArrayBuffer(Math.ceil(settings.length / 4) * 16));
  for (const [i, setting] of settings.entries()) {
    if (typeof setting === "number") data.setInt32(4 * i, setting, true);
    else data.setFloat32(4 * i, setting.float, true);
  }
  return new Uint32Array(data.buffer);
}

function fillBuffer(device: GpuDevice, buffer: GpuBuffer, words: Uint32Array): GpuBuffer {
  try {
    new Uint32Array(buffer.getMappedRange()).set(words);
    buffer.unmap();
    return buffer;
  } catch (error) {
    throw explainError(device, error);
  }
}

function getSettingsBuffer(
  device: GpuDevice,
  { settings: known }: Prepared,
  settings: readonly Setting[],
): GpuBuffer {
  const words = packSettings(settings);
  const key = words.join();
  const found = known.get(key);
  if (found) return found;
  if (known.size >= MOST_SETTINGS) known.clear();
  const buffer = fillBuffer(
    device,
    device.createBuffer({ size: words.byteLength, usage: UNIFORM, mappedAtCreation: true }),
    words,
  );
  known.set(key, buffer);
  return buffer;
}

/** The last buffer of a step's settings by the commands that it is for: several dispatches of a step have the same. */
const lastStepBuffers = new WeakMap<object, StepBuffer>();

interface StepBuffer {
  readonly settings: readonly Setting[];
  readonly key: string;
  readonly buffer: GpuBuffer;
}

/** Gives a buffer that was written when it was made, so that nothing is uploaded, and that tfjs destroys after the submission. */
function getStepBuffer(backend: GpuBackend, settings: readonly Setting[]): GpuBuffer {
  const last = lastStepBuffers.get(backend.commandEncoder!);
  if (last?.settings === settings) return last.buffer;
  const words = packSettings(settings);
  const key = words.join();
  if (last?.key === key) return last.buffer;
  const buffer = fillBuffer(
    backend.device,
    backend.bufferManager.acquireBuffer(words.byteLength, UNIFORM, true, false),
    words,
  );
  backend.stagingPendingDisposal.push(buffer);
  lastStepBuffers.set(backend.commandEncoder!, { settings, key, buffer });
  return buffer;
}
