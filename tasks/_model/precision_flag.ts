import { oneOf } from "../_cli/flags.ts";

/** The flag that names in which precision products are computed. */
export const precision = oneOf(["float32", "mixed"], {
  help:
    "mixed: products take their operands in half precision, parameters and sums stay float32, the loss is scaled. " +
    "For WebGPU adapters with shader-f16",
  shownDefault: "float32",
});
