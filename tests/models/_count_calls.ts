/** The number of each kind of call that a device got. */
export interface Calls {
  dispatches: number;
  submits: number;
  /** Calls of the queue's `writeBuffer`. */
  uploads: number;
  /** Buffers that were made. */
  buffers: number;
  /** Buffers that were mapped to be read. */
  reads: number;
}

/** Counts the calls that a device gets while `fn` runs. */
export function countCalls(device: GPUDevice, fn: () => void): Calls {
  const calls = { dispatches: 0, submits: 0, uploads: 0, buffers: 0, reads: 0 };
  const stops: (() => void)[] = [];
  const wrap = (object: object, name: string, key: keyof Calls) => {
    const target = object as Record<string, (...args: unknown[]) => unknown>;
    const isOwn = Object.hasOwn(target, name);
    const original = target[name]!;
    target[name] = function (...args) {
      calls[key]++;
      return original.apply(this, args);
    };
    stops.push(() => {
      if (isOwn) target[name] = original;
      else delete target[name];
    });
  };
  wrap(GPUComputePassEncoder.prototype, "dispatchWorkgroups", "dispatches");
  wrap(device.queue, "submit", "submits");
  wrap(device.queue, "writeBuffer", "uploads");
  wrap(device, "createBuffer", "buffers");
  wrap(GPUBuffer.prototype, "mapAsync", "reads");
  try {
    fn();
  } finally {
    for (const stop of stops) stop();
  }
  return calls;
}
