import { oneOf } from "../_cli/flags.ts";

/** The flag that names whose programs compute. */
export const kernels = oneOf(["rill", "stock"], {
  help: "Whose programs compute. stock: those of tfjs, slower, to compare with; " +
    "only what it lacks or gets wrong is still Rill's",
  shownDefault: "rill",
});

/** A task's line where Rill's own programs don't compute. */
export const STOCK_LINE = "kernels: tfjs's own, but for what it lacks or gets wrong";
