import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-wasm";
import { BackendError } from "../backend_error.ts";
import type { Backend } from "../backend.ts";
import { DeviceMemoryError } from "../device_memory_error.ts";

/** Opens tfjs's WASM backend. */
export async function openWasm(reason: string): Promise<Backend> {
  try {
    if (!await tf.setBackend("wasm")) throw new Error("it did not start");
  } catch (error) {
    throw new BackendError(
      "wasm",
      `Cannot open the WASM backend: ${error instanceof Error ? error.message : error}`,
      { cause: error },
    );
  }
  const simd = await tf.env().getAsync("WASM_HAS_SIMD_SUPPORT");
  return {
    name: "wasm",
    hardware: false,
    description: `WASM (${simd ? "SIMD" : "no SIMD"}, 1 thread)`,
    reason,
    check() {},
    sync: () => Promise.resolve(),
    explain: (error) =>
      outOfMemory(error) ? new DeviceMemoryError("wasm", { cause: error }) : error,
    close() {
      const factory = tf.findBackendFactory("wasm");
      tf.removeBackend("wasm");
      // Registered again by hand: the package does so only once, when it is first loaded.
      tf.registerBackend("wasm", factory, 2);
      return Promise.resolve();
    },
  };
}

// The heap ends at 4 GiB; past it an allocation aborts, or gives an address that an access then falls outside of.
function outOfMemory(error: unknown): boolean {
  return /out of memory|OOM|enlarge memory|memory access out of bounds|array buffer allocation|invalid (typed )?array( buffer)? length|offset is out of bounds|not enough memory/i
    .test(String(error));
}
