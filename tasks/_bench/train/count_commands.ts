import type { Commands } from "./train_contestant.ts";

/** Counts the commands to all WebGPU devices from now on. */
export function countCommands(): { read(): Commands } {
  let [dispatches, submits, uploads] = [0, 0, 0];
  // Without WebGPU there is nothing to count.
  if (typeof GPUDevice === "undefined") return { read: () => ({ dispatches, submits, uploads }) };
  callBefore(GPUComputePassEncoder.prototype, "dispatchWorkgroups", () => dispatches++);
  callBefore(GPUComputePassEncoder.prototype, "dispatchWorkgroupsIndirect", () => dispatches++);
  callBefore(GPUQueue.prototype, "submit", () => submits++);
  callBefore(GPUQueue.prototype, "writeBuffer", () => uploads++);
  callBefore(GPUDevice.prototype, "createBuffer", (descriptor) => {
    if ((descriptor as GPUBufferDescriptor).mappedAtCreation) uploads++;
  });
  return { read: () => ({ dispatches, submits, uploads }) };
}

/** Calls a function before each call of a method. */
function callBefore<O extends object>(
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
