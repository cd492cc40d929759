import { choiceFlag } from "../_cli/flags.ts";

/** The flag that names the backend. */
export const backendFlag = choiceFlag(["auto", "webgpu", "wasm"], {
  help: "Backend to compute on. auto: WebGPU on a hardware adapter, else WASM",
  shownDefault: "auto",
});

/** The flag that names whose kernels compute. */
export const kernelsFlag = choiceFlag(["rill", "stock"], {
  help: "Whose kernels compute. stock: those of tfjs, slower, to compare with; " +
    "only what it lacks or gets wrong is still Rill's",
  shownDefault: "rill",
});

/** The line that a task prints if tfjs's kernels compute. */
export const STOCK_LINE = "kernels: tfjs's own, but for what it lacks or gets wrong";

/** The flag that names the precision in which products are computed. */
export const precisionFlag = choiceFlag(["float32", "mixed"], {
  help:
    "mixed: products take their operands in half precision, parameters and sums stay float32, the loss is scaled. " +
    "For WebGPU adapters with shader-f16",
  shownDefault: "float32",
});
