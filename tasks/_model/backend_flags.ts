import { choiceFlag } from "../_cli/flags.ts";

/** The flag that names whose programs compute. */
export const kernelsFlag = choiceFlag(["rill", "stock"], {
  help: "Whose programs compute. stock: those of tfjs, slower, to compare with; " +
    "only what it lacks or gets wrong is still Rill's",
  shownDefault: "rill",
});

/** A task's line where Rill's own programs don't compute. */
export const STOCK_LINE = "kernels: tfjs's own, but for what it lacks or gets wrong";

/** The flag that names in which precision products are computed. */
export const precisionFlag = choiceFlag(["float32", "mixed"], {
  help:
    "mixed: products take their operands in half precision, parameters and sums stay float32, the loss is scaled. " +
    "For WebGPU adapters with shader-f16",
  shownDefault: "float32",
});
