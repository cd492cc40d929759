import fc from "fast-check";
import type { Decoder } from "./decoder.ts";
import { mutateFiles } from "./mutate_files.ts";
import { FuzzProblem, type TargetProcess } from "./target_process.ts";

/** Options for {@linkcode runFuzz}. */
export interface FuzzOptions {
  readonly decoders: readonly Decoder[];
  /** The process in which they run. */
  readonly target: TargetProcess;
  /** The seed of the first round; each round has the next. */
  readonly seed: number;
  /** The seconds after which to end. */
  readonly seconds?: number;
  /** The number of inputs of all decoders together after which to end. */
  readonly runs?: number;
  /** The rounds after which to end. */
  readonly rounds?: number;
  /** The number of inputs that each decoder gets in a round, but for slow ones. */
  readonly runsPerRound?: number;
  /** Called after each round. */
  readonly onRound?: (tallies: readonly FuzzTally[]) => void;
}

/** The outcomes of a decoder. */
export interface FuzzTally {
  readonly name: string;
  runs: number;
  /** Inputs that were read to the end. */
  read: number;
  /** Inputs that were refused. */
  refused: number;
  /** The time that it took. */
  seconds: number;
}

/** An input that shows a problem. */
export interface FuzzFailure {
  readonly decoder: string;
  /** The seed of the round that has it. */
  readonly seed: number;
  /** The smallest such input that was found. */
  readonly input: Uint8Array;
  /** The problem, in words. */
  readonly problem: string;
}

/** The result of fuzzing. */
export interface FuzzReport {
  readonly tallies: readonly FuzzTally[];
  readonly failure?: FuzzFailure;
}

/** The time to look for a smaller input, in milliseconds. */
const SHRINKING_TIME = 60_000;

/** Feeds decoders damaged files until the time is up or one shows a problem. */
export async function runFuzz(
  {
    decoders,
    target,
    seed,
    seconds = Infinity,
    runs = Infinity,
    rounds = Infinity,
    runsPerRound = 500,
    onRound = () => {},
  }: FuzzOptions,
): Promise<FuzzReport> {
  const end = performance.now() + seconds * 1000;
  const entries = decoders.map((decoder) => ({
    decoder,
    tally: { name: decoder.name, runs: 0, read: 0, refused: 0, seconds: 0 },
  }));
  const tallies = entries.map(({ tally }) => tally);
  for (let round = 0; round < rounds; round++) {
    for (const { decoder, tally } of entries) {
      const left = runs - tallies.reduce((sum, { runs }) => sum + runs, 0);
      if (performance.now() >= end || left <= 0) return { tallies };
      const failure = await runRound(decoder, tally, target, {
        seed: seed + round,
        numRuns: Math.min(Math.ceil(runsPerRound * (decoder.share ?? 1)), left),
        end,
      });
      if (failure) return { tallies, failure };
    }
    onRound(tallies);
  }
  return { tallies };
}

async function runRound(
  decoder: Decoder,
  tally: FuzzTally,
  target: TargetProcess,
  { seed, numRuns, end }: { readonly seed: number; readonly numRuns: number; readonly end: number },
): Promise<FuzzFailure | undefined> {
  const start = performance.now();
  const done = await target.runRound({ name: decoder.name, seed, numRuns });
  if (done) {
    tally.runs += numRuns;
    tally.read += done.read;
    tally.refused += done.refused;
    tally.seconds += (performance.now() - start) / 1000;
    return undefined;
  }
  // One of the inputs shows a problem. One by one it is found, and made smaller.
  let failure: FuzzFailure | undefined;
  let deadline = end;
  const property = fc.asyncProperty(mutateFiles(decoder), async (input) => {
    // Once the time is up, the rest of the round counts as passed, which ends it.
    if (performance.now() >= deadline) return;
    try {
      const outcome = await target.run(decoder.name, input);
      if (failure) return;
      tally.runs++;
      tally[outcome]++;
    } catch (error) {
      if (!(error instanceof FuzzProblem)) throw error;
      // A later failure has a smaller input than the first.
      if (!failure) deadline = performance.now() + SHRINKING_TIME;
      failure = { decoder: decoder.name, seed, input, problem: error.message };
      throw error;
    }
  });
  const { errorInstance } = await fc.check(property, { seed, numRuns });
  tally.seconds += (performance.now() - start) / 1000;
  if (errorInstance && !(errorInstance instanceof FuzzProblem)) throw errorInstance;
  return failure;
}
