import type * as tf from "@tensorflow/tfjs-core";

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

/** What of a device the programs use. */
export interface GpuDevice {
  readonly features: { has(name: string): boolean };
  readonly limits: Readonly<Record<string, number>>;
  readonly queue: { writeBuffer(buffer: GpuBuffer, at: number, data: Uint8Array): void };
  pushErrorScope(filter: "validation"): void;
  popErrorScope(): Promise<object | null>;
  createBuffer(descriptor: object): GpuBuffer;
  createShaderModule(descriptor: { code: string }): object;
  createComputePipeline(descriptor: object): GpuPipeline;
  createBindGroup(descriptor: object): object;
}

/** What of tfjs's WebGPU backend the programs use: its tensors are buffers, and it records commands before it submits them. */
export interface GpuBackend {
  readonly device: GpuDevice;
  readonly tensorMap: {
    get(dataId: object): {
      readonly dtype: tf.DataType;
      readonly resource?: GpuBuffer;
      values: tf.BackendValues | null;
    };
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

/** Whether all tensors hold something, as float32. tfjs's cast from int32 leaves the storage as it is: this looks there. */
export function areFloats(backend: GpuBackend, ...tensors: tf.TensorInfo[]): boolean {
  return tensors.every(({ dataId, dtype, shape }) =>
    dtype === "float32" && !shape.includes(0) && backend.tensorMap.get(dataId).dtype === "float32"
  );
}
