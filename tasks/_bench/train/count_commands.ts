import type { Commands } from "./train_contestant.ts";

/** Counts what all WebGPU devices are told to do from now on. */
export function countCommands(): { read(): Commands } {
  let [dispatches, submits, uploads] = [0, 0, 0];
  // Without WebGPU there is nothing to count.
  if (typeof GPUDevice === "undefined") return { read: () => ({ dispatches, submits, uploads }) };
  before(GPUComputePassEncoder.prototype, "dispatchWorkgroups", () => dispatches++);
  before(GPUComputePassEncoder.prototype, "dispatchWorkgroupsIndirect", () => dispatches++);
  before(GPUQueue.prototype, "submit", () => submits++);
  before(GPUQueue.prototype, "writeBuffer", () => uploads++);
  before(GPUDevice.prototype, "createBuffer", (descriptor) => {
    if ((descriptor as GPUBufferDescriptor).mappedAtCreation) uploads++;
  });
  return { read: () => ({ dispatches, submits, uploads }) };
}

/** Has something done before each call of a method. */
function before<O extends object>(
  prototype: O,
  name: keyof O & string,
  note: (...args: unknown[]) => void,
): void {
  const target = prototype as Record<string, (...args: unknown[]) => unknown>;
  const original = target[name];
  target[name] = function (...args) {
    note(...args);
    return original?.apply(this, args);
  };
}
