/** An allocation beyond the limit. */
export class AllocationError extends Error {
  constructor(bytes: number, limit: number) {
    super(`it asks for ${bytes} bytes: the limit is ${limit}`);
    this.name = "AllocationError";
  }
}

/**
 * Runs a function that may allocate no more than the limit.
 *
 * @throws {AllocationError} If it asked for more, even if it caught the error.
 */
export type AllocationLimit = <T>(fn: () => Promise<T>) => Promise<T>;

const constructors = [
  "ArrayBuffer",
  "SharedArrayBuffer",
  "Int8Array",
  "Uint8Array",
  "Uint8ClampedArray",
  "Int16Array",
  "Uint16Array",
  "Int32Array",
  "Uint32Array",
  "Float32Array",
  "Float64Array",
  "BigInt64Array",
  "BigUint64Array",
] as const;

/**
 * Replaces the global constructors of buffers by ones that refuse to allocate more than the limit in all while the returned
 * function runs. V8 limits the heap; buffers lie outside it, and an empty one of gigabytes costs nothing that could be
 * measured.
 */
export function limitAllocation(limit: number): AllocationLimit {
  let isActive = false;
  let total = 0;
  let found: AllocationError | undefined;
  for (const name of constructors) {
    const original = globalThis[name] as new (...args: unknown[]) => ArrayBufferView;
    const size = (original as { BYTES_PER_ELEMENT?: number }).BYTES_PER_ELEMENT ?? 1;
    const counting: typeof original = new Proxy(original, {
      construct(target, args, newTarget): ArrayBufferView {
        const [length] = args;
        if (isActive && typeof length === "number" && length > 0) {
          total += length * size;
          if (total > limit) throw found ??= new AllocationError(total, limit);
        }
        return Reflect.construct(target, args, newTarget === counting ? target : newTarget);
      },
    });
    Object.defineProperty(globalThis, name, {
      value: counting,
      writable: true,
      configurable: true,
    });
  }
  return async (fn) => {
    isActive = true;
    total = 0;
    found = undefined;
    const [result] = await Promise.allSettled([fn()]);
    isActive = false;
    // It has precedence over the outcome.
    if (found) throw found;
    if (result.status === "rejected") throw result.reason;
    return result.value;
  };
}
