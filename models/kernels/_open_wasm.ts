import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-wasm";
import { BackendError, DeviceMemoryError } from "../backend/backend_error.ts";
import type { OpenedBackend } from "../backend/backend.ts";
import type { OpenBackendOptions } from "../backend/open_backend_options.ts";
import { getBoundModule } from "./wasm/_bound_module.ts";
import type { WasmBackend } from "./wasm/_wasm_backend.ts";

/** Opens tfjs's WASM backend. */
export async function openWasm(
  reason: string,
  kernels: OpenBackendOptions["kernels"],
): Promise<OpenedBackend> {
  try {
    await startWasm();
  } catch (error) {
    throw new BackendError(
      "wasm",
      `Cannot open the WASM backend: ${error instanceof Error ? error.message : error}`,
      { code: "open-failed", cause: error },
    );
  }
  checkAllocations();
  const simd = await tf.env().getAsync("WASM_HAS_SIMD_SUPPORT") ? "SIMD" : "no SIMD";
  const module = kernels === "stock"
    ? undefined
    : getBoundModule(tf.backend() as unknown as WasmBackend);
  const uses = module?.uses ?? simd;
  return {
    name: "wasm",
    hardware: false,
    description: `WASM (${uses})`,
    reason,
    check() {},
    sync: () => Promise.resolve(),
    toBackendError: (error) =>
      isOutOfMemory(error) ? new DeviceMemoryError("wasm", { cause: error }) : error,
    close() {
      const factory = tf.findBackendFactory("wasm");
      try {
        tf.removeBackend("wasm");
      } catch {
        // After an abort the module can't even be shut down. It goes all the same once nothing refers to it.
        tf.findBackend("wasm").dispose = () => {};
        tf.removeBackend("wasm");
      }
      // Registered again by hand: the package does so only once, when it is first loaded.
      tf.registerBackend("wasm", factory, 2);
      return Promise.resolve();
    },
  };
}

/**
 * Has tfjs start its module. Why that fails, such as a file that may not be read, it says on the console alone.
 *
 * @throws {Error} With what it said first.
 */
async function startWasm(): Promise<void> {
  // Its program with threads of its own has none of our kernels, and would be taken on pages that are isolated.
  tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", false);
  const { warn, error } = console;
  const said: string[] = [];
  console.warn = console.error = (...parts: unknown[]) => said.push(parts.join(" "));
  let started: boolean;
  try {
    started = await tf.setBackend("wasm");
  } finally {
    Object.assign(console, { warn, error });
  }
  if (!started) {
    const [first] = said;
    const cause = first && (/^Aborted\((.*)\)$/s.exec(first)?.[1] ?? first);
    throw new Error(cause ? `it did not start: ${cause}` : "it did not start");
  }
  for (const line of said) warn(line);
}

/** The heap ends at 4 GiB. Past it tfjs gets the address 0, and goes on to use what lies there: the module's own data. */
function checkAllocations(): void {
  const { wasm } = tf.backend() as unknown as { wasm: Heap };
  if (wasm.rillChecks) return;
  wasm.rillChecks = true;
  // At its first call the module's function puts another in its own place.
  wasm._free(wasm._malloc(1));
  const allocate = wasm._malloc;
  wasm._malloc = (bytes) => {
    const address = allocate(bytes);
    if (address === 0 && bytes > 0) {
      throw new RangeError(`not enough memory in the WASM heap for ${bytes} bytes more`);
    }
    return address;
  };
}

interface Heap {
  _malloc(bytes: number): number;
  _free(address: number): void;
  /** Whether `_malloc` has been replaced already. */
  rillChecks?: boolean;
}

// Allocations from within the module abort or trap.
function isOutOfMemory(error: unknown): boolean {
  return /out of memory|\bOOM\b|enlarge memory|Aborted\(|memory access out of bounds|array buffer allocation|invalid (typed )?array( buffer)? length|offset is out of bounds|not enough memory/i
    .test(String(error));
}
