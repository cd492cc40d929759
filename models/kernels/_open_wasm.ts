import * as tf from "@tensorflow/tfjs-core";
import { BackendWasm } from "@tensorflow/tfjs-backend-wasm";
import { DeviceMemoryError } from "../backend/backend_error.ts";
import type { OpenedBackend } from "../backend/backend.ts";
import type { OpenBackendOptions } from "../backend/open_backend_options.ts";
import { keepProgramAddress } from "./_open_once.ts";
import { registerWasmKernels } from "./_register_wasm.ts";
import { getBoundModule } from "./wasm/_bound_module.ts";
import type { WasmBackend } from "./wasm/_wasm_backend.ts";
import { loadProgram } from "./wasm/program/_load_program.ts";
import { locateProgram } from "./wasm/program/_locate_program.ts";

/** Opens tfjs's WASM backend. */
export async function openWasm(
  reason: string,
  { kernels, wasmUrl, signal }: Pick<OpenBackendOptions, "kernels" | "wasmUrl" | "signal">,
): Promise<OpenedBackend> {
  registerWasmKernels({ stock: kernels === "stock", direct: kernels === "direct" });
  const hasSimd = await tf.env().getAsync("WASM_HAS_SIMD_SUPPORT") === true;
  const url = locateProgram(wasmUrl, hasSimd);
  const program = await loadProgram(url, signal);
  keepProgramAddress(url.href);
  // The one that the package registers when it is loaded. It would load the program by itself.
  if (tf.findBackendFactory("wasm")) tf.removeBackend("wasm");
  const backend = new BackendWasm(
    program as unknown as ConstructorParameters<typeof BackendWasm>[0],
  );
  tf.registerBackend("wasm", () => backend);
  await tf.setBackend("wasm");
  checkAllocations(program as unknown as Heap);
  const module = kernels === "stock"
    ? undefined
    : getBoundModule(backend as unknown as WasmBackend);
  const uses = module?.uses ?? (hasSimd ? "SIMD" : "no SIMD");
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
      try {
        tf.removeBackend("wasm");
      } catch {
        // After an abort the module can't even be shut down. It goes all the same once nothing refers to it.
        backend.dispose = () => {};
        tf.removeBackend("wasm");
      }
      return Promise.resolve();
    },
  };
}

/** The heap ends at 4 GiB. Past it tfjs gets the address 0, and goes on to use what lies there: the module's own data. */
function checkAllocations(wasm: Heap): void {
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
}

// Allocations from within the module abort or trap.
function isOutOfMemory(error: unknown): boolean {
  return /out of memory|\bOOM\b|enlarge memory|Aborted\(|memory access out of bounds|array buffer allocation|invalid (typed )?array( buffer)? length|offset is out of bounds|not enough memory/i
    .test(String(error));
}
