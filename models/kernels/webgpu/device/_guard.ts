// What an engine throws where a device is gone says nothing of that: `Buffer with '' label is invalid`.
import { type GpuDevice, UNIFORM } from "./_gpu_backend.ts";

/** Finds what is behind an error that a device's engine has thrown. */
export type ExplainError = (error: unknown) => unknown;

const explainers = new WeakMap<object, ExplainError>();

/** Finds what is behind an error that was thrown with a device's own calls. */
export const explainError = (device: object, error: unknown): unknown =>
  explainers.get(device)?.(error) ?? error;

/** The methods of tfjs's backend in which the device is called, and what waits for it. */
const METHODS = ["uploadToGPU", "runWebGPUProgram", "readToGPU", "submitQueue"] as const;

type Guarded = Record<(typeof METHODS)[number], (...args: unknown[]) => unknown> & {
  read(dataId: object): Promise<unknown>;
};

/** Has a backend throw what is behind its engine's errors. */
export function guardBackend(backend: object, device: object, explain: ExplainError): void {
  explainers.set(device, explain);
  const guarded = backend as Guarded;
  for (const name of METHODS) {
    const method = guarded[name].bind(backend);
    guarded[name] = (...args) => {
      try {
        return method(...args);
      } catch (error) {
        throw explain(error);
      }
    };
  }
  const read = guarded.read.bind(backend);
  guarded.read = async (dataId) => {
    try {
      return await read(dataId);
    } catch (error) {
      // Its own promise tells of a loss a turn later.
      await new Promise((resolve) => setTimeout(resolve, 0));
      throw explain(error);
    }
  };
}

/** Tells whether a device is gone, where its own promise hasn't said so yet: a new buffer can't be written to then. */
export function isLost(device: Pick<GpuDevice, "createBuffer">): boolean {
  try {
    const buffer = device.createBuffer({ size: 16, usage: UNIFORM, mappedAtCreation: true });
    buffer.getMappedRange();
    buffer.unmap();
    return false;
  } catch {
    return true;
  }
}
