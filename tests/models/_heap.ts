import * as tf from "@tensorflow/tfjs-core";

/** The parts of tfjs's WASM module that allocate. */
interface Heap {
  _malloc(bytes: number): number;
  _free(address: number): void;
}

/** Tells how many bytes of the WASM heap are in use at most while something runs, beyond those that were before. */
export function measureHeap(run: () => void): number {
  const { wasm } = tf.backend() as unknown as { wasm: Heap };
  // At its first call a function of the module puts another in its own place.
  wasm._free(wasm._malloc(1));
  const { _malloc, _free } = wasm;
  const sizes = new Map<number, number>();
  let used = 0;
  let most = 0;
  wasm._malloc = (bytes) => {
    const address = _malloc(bytes);
    sizes.set(address, bytes);
    used += bytes;
    most = Math.max(most, used);
    return address;
  };
  wasm._free = (address) => {
    used -= sizes.get(address) ?? 0;
    sizes.delete(address);
    _free(address);
  };
  try {
    run();
  } finally {
    Object.assign(wasm, { _malloc, _free });
  }
  return most;
}
