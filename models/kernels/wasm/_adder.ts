import type { Functions } from "./_functions.ts";

/** The numbers that are added at a time: with their copies they fit a processor's first cache. */
const BLOCK = 2048;

/** Adds numbers to as many others, in place. */
type AddTo = (to: Float32Array, from: Float32Array) => void;

/** Rill's module, once somebody has given it. */
let given: Uint8Array<ArrayBuffer> | undefined;

let chosen: AddTo | undefined;

/**
 * Adds numbers to as many others, in place: with SIMD, where there is any and the backend was opened, in memory of its own. The
 * copies there and back take less time than a loop here.
 */
export function addTo(to: Float32Array, from: Float32Array): void {
  if (given) chosen ??= WebAssembly.validate(given) ? instantiateAdder(given) : addOneByOne;
  (chosen ?? addOneByOne)(to, from);
}

/**
 * Has numbers added by Rill's module from now on, where the engine can run it. Whoever opens the backend gives it, so that a page
 * which doesn't has no bytes of it to load.
 */
export function addByModule(bytes: Uint8Array<ArrayBuffer>): void {
  given = bytes;
}

function instantiateAdder(bytes: Uint8Array<ArrayBuffer>): AddTo {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } });
  const { add } = instance.exports as unknown as Pick<Functions, "add">;
  const sums = new Float32Array(memory.buffer, 0, BLOCK);
  const terms = new Float32Array(memory.buffer, BLOCK * 4, BLOCK);
  return (to, from) => {
    for (let start = 0; start < to.length; start += BLOCK) {
      const block = to.subarray(start, start + BLOCK);
      sums.set(block);
      terms.set(from.subarray(start, start + block.length));
      add(sums.byteOffset, terms.byteOffset, BLOCK);
      block.set(block.length === BLOCK ? sums : sums.subarray(0, block.length));
    }
  };
}

/** Does the same without SIMD. */
export function addOneByOne(to: Float32Array, from: Float32Array): void {
  for (let i = 0; i < to.length; i++) to[i]! += from[i]!;
}
