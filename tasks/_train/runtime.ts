import denoJson from "../../deno.json" with { type: "json" };
import type { Backend } from "../../models/mod.ts";
import { areKernels, type Kernels } from "../_model/backend_flags.ts";
import { type FlagValues, omitUndefined } from "../_cli/flags.ts";
import type { SaveEvery } from "./saving/save_flags.ts";
import type { trainFlags } from "./train_flags.ts";

/** What a run is computed by and how it is saved, besides its settings: a run that goes on does so in the same way. */
export interface Runtime {
  readonly backend: Backend["name"];
  readonly kernels: Kernels;
  readonly precision: "float32" | "mixed";
  readonly threads: number;
  /** Whether that number was given by `--threads`; versions up to 0.2 don't say. Else it is that of the cores of the moment. */
  readonly threadsGiven?: boolean;
  readonly saveEvery: SaveEvery;
  readonly keep: number;
  /** Steps from one step event of the log to the next. */
  readonly logEvery: number;
  /** What becomes of it when its numbers aren't finite. */
  readonly onNan?: "stop" | "retry";
  /** The step after which they weren't, and from before which it went on with half the learning rate. */
  readonly retried?: number;
  /** What `deno task tune` had found for the adapter, if anything. */
  readonly tuning?: unknown;
  /** The version of Rill, and so of its kernels. */
  readonly rill: string;
}

/** How often a run is saved that doesn't say. */
const USUAL_INTERVAL: SaveEvery = { seconds: 120 };

/** How many checkpoints are kept of a run that doesn't say. */
const USUAL_KEEP = 2;

/** Steps from one step event of the log to the next of a run that doesn't say. */
const USUAL_LOG = 10;

type Flags = FlagValues<typeof trainFlags>;

/** Adds to the flags what a run was computed by, unless they say otherwise. What belongs to a backend is not for another one. */
export function rememberFlags(flags: Flags, runtime: Runtime | undefined): Flags {
  if (!runtime) return flags;
  const { backend, kernels, precision, threads, saveEvery, keep, logEvery, onNan } = runtime;
  const isOther = flags.backend !== undefined && flags.backend !== backend;
  // Where nobody knows, several ranks would share the cores that one process had.
  const { threadsGiven = !flags.distributed } = runtime;
  return {
    saveEvery,
    keep,
    logEvery,
    ...onNan !== undefined && { onNan },
    ...!isOther && { backend, kernels, precision },
    // On a GPU there are none to choose.
    ...!isOther && backend === "wasm" && threadsGiven && { threads },
    ...omitUndefined(flags),
  };
}

/** Describes what of a run's computing is another now, from which its numbers may differ in their last digits. */
export function describeChanges(before: Runtime | undefined, now: Runtime): string[] {
  if (!before) return [];
  const changes = (["backend", "kernels", "precision", "rill"] as const)
    .filter((key) => before[key] !== now[key])
    .map((key) => `${key} ${before[key]}, now ${now[key]}`);
  const isTuned = JSON.stringify(before.tuning) !== JSON.stringify(now.tuning);
  const all = [...changes, ...isTuned ? ["another tuning"] : []];
  return all.length === 0
    ? []
    : [`computed otherwise than before: ${all.join("; ")}; the last digits may differ`];
}

/** Explains a backend that goes on with its run, and where that has another number of threads. */
export function explainSame(
  { threads: before, threadsGiven }: Pick<Runtime, "threads" | "threadsGiven">,
  threads: number,
): string {
  if (threads !== before) return `in place of ${before}, otherwise as it was before`;
  return threadsGiven ? `as it was before, by --threads ${before}` : "as it was before";
}

/** Tells what computes a run. */
export const toRuntime = (
  {
    kernels = "rill",
    precision = "float32",
    saveEvery = USUAL_INTERVAL,
    keep = USUAL_KEEP,
    logEvery = USUAL_LOG,
    onNan,
    threads: given,
  }: Flags,
  backend: Pick<Backend, "name" | "tuning">,
  { threads, tuning, retried }: {
    readonly threads: number;
    readonly tuning: unknown;
    readonly retried?: number | undefined;
  },
): Runtime => ({
  backend: backend.name,
  kernels,
  precision,
  threads,
  ...backend.name === "wasm" && { threadsGiven: given !== undefined },
  saveEvery,
  keep,
  logEvery,
  ...onNan !== undefined && { onNan },
  ...retried !== undefined && { retried },
  ...backend.tuning && "classes" in backend.tuning && { tuning },
  rill: denoJson.version,
});

/** Says of a run that it went back after a step, in the place where it is written down: the same run writes the same bytes. */
export const markRetried = ({ tuning, rill, ...rest }: Runtime, step: number): Runtime => ({
  ...rest,
  retried: step,
  ...tuning !== undefined && { tuning },
  rill,
});

/** Reads what a file says; undefined if it is nothing of the kind, or of a version that said nothing. */
export function readRuntime(value: unknown): Runtime | undefined {
  const {
    backend,
    kernels,
    precision,
    threads,
    threadsGiven,
    saveEvery,
    keep,
    logEvery,
    tuning,
    rill,
    onNan,
    retried,
  }: {
    readonly [K in keyof Runtime]?: unknown;
  } = typeof value === "object" && value !== null ? value : {};
  const isCount = (n: unknown): n is number => Number.isSafeInteger(n) && Number(n) >= 1;
  const { seconds }: { readonly seconds?: unknown } = Object(saveEvery);
  const isFine = (backend === "webgpu" || backend === "wasm") &&
    areKernels(kernels) &&
    (precision === "float32" || precision === "mixed") &&
    isCount(threads) && isCount(keep) && isCount(logEvery) && typeof rill === "string" &&
    (isCount(saveEvery) || typeof seconds === "number" && seconds > 0);
  if (!isFine) return undefined;
  const every = isCount(saveEvery) ? saveEvery : { seconds: Number(seconds) };
  return {
    ...{ backend, kernels, precision, threads },
    ...typeof threadsGiven === "boolean" && { threadsGiven },
    ...{ saveEvery: every, keep, logEvery },
    ...(onNan === "stop" || onNan === "retry") && { onNan },
    ...Number.isSafeInteger(retried) && { retried: Number(retried) },
    ...tuning !== undefined && { tuning },
    rill,
  };
}
