// Tensors of which some numbers are missing here, as other ranks have the newest. Whatever asks where such a tensor lies in memory,
// a kernel or a copy, has it completed first: nothing needs to know of it, and nothing can forget it.
import type * as tf from "@tensorflow/tfjs-core";
import type { WasmBackend } from "./_wasm_backend.ts";

/** What the backend knows of a tensor. */
interface Place {
  id: number;
  memoryOffset: number;
  refCount: number;
}

interface Guard {
  /** Has whoever asks where the tensor lies complete it. */
  set(): void;
  lift(): void;
}

const guards = new WeakMap<object, Guard>();

/**
 * Notes of a tensor that some of its numbers are missing.
 *
 * @param complete Is called before its place in memory is told. It must mark the tensor as whole, or throw.
 */
export function guardPartial(
  { dataIdMap }: WasmBackend,
  { dataId }: tf.TensorInfo,
  complete: () => void,
): void {
  const place = dataIdMap.get(dataId) as Place;
  const { id, memoryOffset } = place;
  const told = { id, memoryOffset };
  const define = (name: keyof Place, property: PropertyDescriptor) =>
    Object.defineProperty(place, name, { configurable: true, enumerable: true, ...property });
  const guard: Guard = {
    set() {
      let { refCount } = place;
      for (const name of ["id", "memoryOffset"] as const) {
        define(name, {
          get() {
            complete();
            return told[name];
          },
        });
      }
      define("refCount", {
        get: () => refCount,
        set(count: number) {
          refCount = count;
          // It is released, which needs no numbers.
          if (count === 0) guard.lift();
        },
      });
    },
    lift() {
      const { refCount } = place;
      for (const [name, value] of Object.entries({ ...told, refCount })) {
        define(name as keyof Place, { value, writable: true });
      }
    },
  };
  guard.set();
  guards.set(dataId, guard);
}

/** Tells whether some numbers of a tensor are missing. */
export const isPartial = ({ dataId }: tf.TensorInfo): boolean => guards.has(dataId);

/** Notes of a tensor that it has all of its numbers again. */
export function markWhole({ dataId }: tf.TensorInfo): void {
  guards.get(dataId)?.lift();
  guards.delete(dataId);
}

/** Runs a function that looks only at those numbers of a tensor that are there. */
export function withParts<T>({ dataId }: tf.TensorInfo, fn: () => T): T {
  const guard = guards.get(dataId);
  if (!guard) return fn();
  guard.lift();
  try {
    return fn();
  } finally {
    guard.set();
  }
}
