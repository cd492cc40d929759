import { formatVariables, KEEP_MEMORY, type Variables } from "../shared/start_python.ts";
import { medianRatio } from "../shared/statistics.ts";

/** What a process of PyTorch says of itself. */
export interface PytorchAbout {
  /** Its versions, its threads, and which of the variables below it was given, by whom it may be. */
  readonly about: string;
  /** Whether it has a GPU. */
  readonly cuda: boolean;
  /** Whether OpenBLAS multiplies for it. */
  readonly openblas: boolean;
  /** Cores of the processor, two threads of one counted once; null where that isn't known. */
  readonly cores: number | null;
  /** What the processor can do, by Linux's names: avx2, avx512f. */
  readonly flags: readonly string[];
}

/** A process of PyTorch that can be tried. */
export interface PytorchProcess extends PytorchAbout {
  /** Measures the rate of a product of 1024³, in GFLOP/s. */
  readonly multiply: () => Promise<number>;
  /** Trains so many steps, and says the seconds that they took. */
  readonly run: (steps: number) => Promise<{ readonly seconds: number }>;
  readonly close: () => Promise<void>;
}

/** Settings of PyTorch's that were tried, and how fast it was with them. */
export interface PytorchTrial {
  readonly variables: Variables;
  /** The rate of a product of 1024³, in GFLOP/s. */
  readonly gflops: number;
  /** Seconds a training step. */
  readonly seconds: number;
  /** The cores that it had. */
  readonly cores: number;
}

/** The least rate of a product of 1024³, in GFLOP/s a core, with which PyTorch counts as set up for its processor. */
export const LEAST_RATE = 40;

/** What a PyTorch can do. */
type Product = Pick<PytorchTrial, "gflops" | "cores">;

/** Tells whether PyTorch multiplies as fast as one that is set up for its processor. */
export const isTuned = ({ gflops, cores }: Product): boolean => gflops / cores >= LEAST_RATE;

/**
 * Computes how many times as long the steps took one as another; null of a PyTorch that isn't set up for its processor.
 *
 * @param product What its product showed, if it is a PyTorch on a processor.
 */
export const compareSteps = (
  product: Product | undefined,
  runs: readonly number[],
  others: readonly number[],
): number | null => product && !isTuned(product) ? null : medianRatio(runs, others);

/** The variables that are tried; a process of PyTorch says which of them it was given. */
export const TRIED: readonly string[] = [
  "OMP_NUM_THREADS",
  "OPENBLAS_CORETYPE",
  ...Object.keys(KEEP_MEMORY),
];

/**
 * Lists the settings to try besides all cores' threads: a thread a core where cores have two; and OpenBLAS's kernels for the
 * processor's vectors, which it doesn't choose by itself for a processor that is newer than it.
 */
export function listSettings(
  { openblas, cores, flags }: Pick<PytorchAbout, "openblas" | "cores" | "flags">,
  threads: number,
): Variables[] {
  const counts = cores !== null && cores < threads ? [threads, cores] : [threads];
  const has = (...names: string[]) => names.every((name) => flags.includes(name));
  const types = !openblas
    ? []
    : has("avx512f", "avx512bw", "avx512dq", "avx512vl")
    ? ["SkylakeX", "Haswell"]
    : has("avx2", "fma")
    ? ["Haswell"]
    : [];
  return counts.flatMap((count) =>
    [{}, ...types.map((type) => ({ OPENBLAS_CORETYPE: type }))].map((variables) => ({
      OMP_NUM_THREADS: String(count),
      ...variables,
    }))
  ).slice(1); // The first one is tried anyway.
}

/**
 * Finds the settings with the fastest step among those whose product is as fast as any, or nearly: a step is short, and other
 * work on the machine may lengthen it by more than the kernels of its products differ.
 */
export function chooseFastest(trials: readonly [PytorchTrial, ...PytorchTrial[]]): PytorchTrial {
  const most = Math.max(...trials.map(({ gflops }) => gflops));
  return trials
    .filter(({ gflops }) => gflops >= 0.8 * most)
    .reduce((best, one) => one.seconds < best.seconds ? one : best);
}

/**
 * Finds what makes PyTorch fast on this machine: tries settings one after the other, each in a process of its own, with a
 * product and some steps.
 *
 * @param start Starts PyTorch with some variables; or says why it can't be had.
 * @param threads The threads that all cores have.
 * @param note Takes a line about each trial.
 * @returns The fastest; or why PyTorch can't be measured.
 */
export async function tunePytorch(
  start: (variables: Variables) => Promise<PytorchProcess | { readonly missing: string }>,
  threads: number,
  note: (line: string) => void,
): Promise<PytorchTrial | { readonly missing: string }> {
  const attempt = async (variables: Variables) => {
    const process = await start(variables);
    if ("missing" in process) return process;
    const { cores } = process;
    try {
      const gflops = await process.multiply();
      const seconds = await timeStep(process);
      note(
        `PyTorch with ${formatVariables(variables)}: ${gflops.toPrecision(3)} GFLOP/s, ${
          seconds.toPrecision(3)
        } s a step`,
      );
      const trial = { variables, gflops, seconds, cores: Math.min(cores ?? threads, threads) };
      return { trial, others: listSettings(process, threads) };
    } catch (error) {
      // It may lack memory for the step, or the processor an instruction.
      const missing = error instanceof Error ? error.message : String(error);
      note(`PyTorch with ${formatVariables(variables)}: ${missing}`);
      return { missing };
    } finally {
      await process.close();
    }
  };
  const first = await attempt({ OMP_NUM_THREADS: String(threads), ...KEEP_MEMORY });
  if ("missing" in first) return first;
  const trials: [PytorchTrial, ...PytorchTrial[]] = [first.trial];
  for (const variables of first.others) {
    const next = await attempt({ ...variables, ...KEEP_MEMORY });
    if (!("missing" in next)) trials.push(next.trial);
  }
  // A product takes no memory to speak of: its rate is the better one of both.
  const best = chooseFastest(trials);
  const others = Object.entries(best.variables).filter(([name]) => KEEP_MEMORY[name] === undefined);
  const own = await attempt(Object.fromEntries(others));
  if ("missing" in own) return best;
  const gflops = Math.max(best.gflops, own.trial.gflops);
  return { ...own.trial.seconds < best.seconds ? own.trial : best, gflops };
}

/** Measures a step after one that warms up: the shortest of those that fit into a second, but of one at least. */
async function timeStep({ run }: Pick<PytorchProcess, "run">): Promise<number> {
  await run(1);
  let [least, total] = [Infinity, 0];
  while (total < 1) {
    const { seconds } = await run(1);
    least = Math.min(least, seconds);
    total += seconds;
  }
  return least;
}
