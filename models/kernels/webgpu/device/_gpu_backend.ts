import type * as tf from "@tensorflow/tfjs-core";

/** `GPUBufferUsage.UNIFORM`, by number since the name is not there without WebGPU. */
export const UNIFORM = 0x40;

/** A buffer on the device. */
export interface GpuBuffer {
  readonly size: number;
  getMappedRange(): ArrayBuffer;
  unmap(): void;
}

/** A compiled program. */
export interface GpuPipeline {
  getBindGroupLayout(index: number): object;
}

/** The limits that programs are fitted to. */
export interface GpuLimits {
  readonly maxBufferSize: number;
  readonly maxStorageBufferBindingSize: number;
  readonly maxStorageBuffersPerShaderStage: number;
  readonly maxComputeWorkgroupStorageSize: number;
  readonly maxComputeInvocationsPerWorkgroup: number;
  readonly maxComputeWorkgroupSizeX: number;
  readonly maxComputeWorkgroupSizeY: number;
  readonly maxComputeWorkgroupsPerDimension: number;
}

/** The parts of a device that the programs use. */
export interface GpuDevice {
  readonly features: { has(name: string): boolean };
  readonly limits: GpuLimits;
  readonly queue: { writeBuffer(buffer: GpuBuffer, at: number, data: Uint8Array): void };
  pushErrorScope(filter: "validation"): void;
  popErrorScope(): Promise<object | null>;
  createBuffer(descriptor: object): GpuBuffer;
  createShaderModule(descriptor: { code: string }): object;
  createComputePipeline(descriptor: object): GpuPipeline;
  createBindGroup(descriptor: object): object;
}

/** The data of a tensor. Those that share their numbers have one together. */
export interface GpuData {
  readonly dtype: tf.DataType;
  resource?: GpuBuffer;
  /** Whether the buffer stays when the tensor goes. */
  external?: boolean;
  /** The numbers as they were read back. */
  values: tf.BackendValues | null;
  /** Rill's own mark on the output of a rectifier: how deep in nested gradients it was computed. See `_rectified.ts`. */
  rectifiedAtDepth?: number;
  /** Rill's own mark on a gradient that is already 0 where the output of a rectifier, whose data this is, is 0. */
  maskedBy?: GpuData;
}

/**
 * The parts of tfjs's WebGPU backend that the programs use: its tensors are buffers, and it records commands before it
 * submits them.
 */
export interface GpuBackend {
  readonly device: GpuDevice;
  readonly tensorMap: {
    get(dataId: object): GpuData;
  };
  readonly commandQueueOwnedIds: { add(dataId: object): void };
  readonly bufferManager: {
    acquireBuffer(
      size: number,
      usage: number,
      mappedAtCreation: boolean,
      reuse: boolean,
    ): GpuBuffer;
  };
  /** Buffers that are destroyed once the commands that use them have been submitted. */
  readonly stagingPendingDisposal: GpuBuffer[];
  commandEncoder: {
    beginComputePass(): NonNullable<GpuBackend["computePassEncoder"]>;
    copyBufferToBuffer(
      from: GpuBuffer,
      start: number,
      to: GpuBuffer,
      at: number,
      size: number,
    ): void;
  } | null;
  computePassEncoder: {
    setPipeline(pipeline: GpuPipeline): void;
    setBindGroup(index: number, group: object): void;
    dispatchWorkgroups(x: number, y: number, z: number): void;
  } | null;
  dispatchCountInPass: number;
  ensureCommandEncoderReady(): void;
  endComputePassEncoder(): void;
  submitQueue(): void;
  makeTensorInfo(
    shape: number[],
    dtype: tf.DataType,
    values?: Int32Array | Float32Array,
  ): tf.TensorInfo;
  uploadToGPU(dataId: object): void;
  disposeData(dataId: object): boolean;
  incRef(dataId: object): void;
  refCount(dataId: object): number;
}

/** Makes another tensor of the same numbers, without a copy. */
export function shareTensor(
  backend: GpuBackend,
  { dataId, shape, dtype }: tf.TensorInfo,
): tf.TensorInfo {
  backend.incRef(dataId);
  return { dataId, shape, dtype };
}

const mixed = new WeakSet<GpuDevice>();

/** Tells whether a backend's products take their operands in half precision. */
export function isMixed({ device }: Pick<GpuBackend, "device">): boolean {
  return mixed.has(device);
}

/** Says whether a device's products take their operands in half precision; it must have the feature `shader-f16` then. */
export function usePrecision(device: GpuDevice, precision: "float32" | "mixed"): void {
  if (precision === "mixed") mixed.add(device);
  else mixed.delete(device);
}
