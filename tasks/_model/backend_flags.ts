import { choiceFlag, integerFlag } from "../_cli/flags.ts";
import { MOST_THREADS } from "./choose_threads.ts";

/** The flag that names the backend. */
export const backendFlag = choiceFlag(["auto", "webgpu", "wasm"], {
  help: "Backend to compute on. auto: WebGPU on a hardware adapter, else WASM",
  shownDefault: "auto",
});

const KERNELS = ["rill", "direct", "stock"] as const;

/** Whose kernels compute. */
export type Kernels = (typeof KERNELS)[number];

/** Tells whether a word names kernels. */
export const areKernels = (word: unknown): word is Kernels =>
  KERNELS.some((kernels) => kernels === word);

/** The flag that names whose kernels compute. */
export const kernelsFlag = choiceFlag(KERNELS, {
  help:
    "Whose kernels compute. direct: Rill's, without Winograd's tiles on WASM, slower, with less rounding. " +
    "stock: those of tfjs, slower, to compare with; only what it lacks or gets wrong is still Rill's",
  shownDefault: "rill",
});

/** The flag that says how many threads compute. */
export const threadsFlag = integerFlag({
  least: 1,
  most: MOST_THREADS,
  help: "Threads that share each batch on WASM. The result is the same, bit for bit",
  shownDefault: "one a core, at most one for every 8 images of a batch",
});

/** Describes whose kernels compute, in a line that a task prints, where they aren't the usual ones. */
export function describeKernels(kernels: Kernels | undefined): string[] {
  if (kernels === "direct") return ["kernels: Rill's, convolutions the direct way"];
  return kernels === "stock" ? ["kernels: tfjs's own, but for what it lacks or gets wrong"] : [];
}

/** The flag that names the precision in which products are computed. */
export const precisionFlag = choiceFlag(["float32", "mixed"], {
  help:
    "mixed: products take their operands in half precision, parameters and sums stay float32, the loss is scaled. " +
    "For WebGPU adapters with shader-f16",
  shownDefault: "float32",
});
