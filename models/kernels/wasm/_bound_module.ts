import type * as tf from "@tensorflow/tfjs-core";
import type { Functions } from "./_functions.ts";
import { PLAIN, RELAXED } from "./_module_bytes.ts";
import type { WasmBackend } from "./_wasm_backend.ts";

/** Rill's module at work in the heap of one of tfjs's backends. */
export interface BoundModule {
  /** The instructions that it uses. */
  readonly uses: "relaxed SIMD" | "SIMD";
  readonly functions: Functions;
  /** Gives the address of a tensor. */
  address(tensor: tf.TensorInfo): number;
  /** Gives the address of at least so many bytes, aligned to cache lines, that are free until the next call. */
  workspace(bytes: number): number;
  /** Views 32-bit words of the heap, until the next allocation. */
  words(address: number, length: number): Uint32Array;
  /** Views bytes of the heap, until the next allocation. */
  bytes(address: number, length: number): Uint8Array;
}

/** Our modules by tfjs's, of which a backend that is opened again has another. `undefined` where ours can't work. */
const bound = new WeakMap<object, BoundModule | undefined>();

/** Gives Rill's module for a backend, or nothing where that has threads, or the engine no SIMD. */
export function getBoundModule(backend: WasmBackend): BoundModule | undefined {
  const { wasm } = backend;
  if (!bound.has(wasm)) bound.set(wasm, bindModule(backend));
  return bound.get(wasm);
}

/**
 * Makes a backend use one of the variants from now on, for tests.
 *
 * @returns Whether the engine can run it.
 */
export function useVariant(backend: WasmBackend, variant: "relaxed" | "plain"): boolean {
  const bytes = variant === "relaxed" ? RELAXED : PLAIN;
  const module = bindModule(backend, [bytes]);
  if (module) bound.set(backend.wasm, module);
  return module !== undefined;
}

function bindModule(backend: WasmBackend, variants = [RELAXED, PLAIN]): BoundModule | undefined {
  const { wasm, dataIdMap } = backend;
  const memory = Object.values(wasm.asm).find((value) => value instanceof WebAssembly.Memory);
  // Memory that is shared means threads: tfjs's own kernels use them, ours don't.
  if (!memory || !(memory.buffer instanceof ArrayBuffer)) return undefined;
  const bytes = variants.find((bytes) => WebAssembly.validate(bytes));
  if (!bytes) return undefined;
  const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } });
  let allocated = 0;
  let size = 0;
  return {
    uses: bytes === RELAXED ? "relaxed SIMD" : "SIMD",
    functions: instance.exports as unknown as Functions,
    address: ({ dataId }) => dataIdMap.get(dataId).memoryOffset,
    workspace(bytes) {
      if (bytes > size) {
        if (allocated) wasm._free(allocated);
        size = 0;
        allocated = wasm._malloc(bytes + 64) >>> 0;
        if (allocated === 0) {
          throw new RangeError(`not enough memory in the WASM heap for ${bytes} bytes more`);
        }
        size = bytes;
      }
      return Math.ceil(allocated / 64) * 64;
    },
    words: (address, length) => new Uint32Array(memory.buffer, address, length),
    bytes: (address, length) => new Uint8Array(memory.buffer, address, length),
  };
}
