import type { Decoder } from "./decoder.ts";
import { mutateFiles } from "./mutate_files.ts";
import { FuzzProblem, type TargetProcess } from "./target_process.ts";

import fc from "fast-check";

/** How long to look for problems, and from where on. */
export interface FuzzOptions {
  readonly decoders: readonly Decoder[];
  /** Where they run. */
  readonly target: TargetProcess;
  /** The seed of the first round; each round has the next. */
  readonly seed: number;
  /** After how many seconds to end. */
  readonly seconds?: number;
  /** After how many rounds to end. */
  readonly rounds?: number;
  /** How many inputs each decoder gets in a round. */
  readonly runsPerRound?: number;
  /** Called after each round. */
  readonly onRound?: (tallies: readonly FuzzTally[]) => void;
}

/** What became of a decoder's inputs. */
export interface FuzzTally {
  readonly name: string;
  runs: number;
  /** Inputs that were read to the end. */
  read: number;
  /** Inputs that were refused. */
  refused: number;
  /** How long it took. */
  seconds: number;
}

/** An input that shows a problem. */
export interface FuzzFailure {
  readonly decoder: string;
  /** The seed whose first round has it. */
  readonly seed: number;
  /** The smallest such input that was found. */
  readonly input: Uint8Array;
  /** What is wrong. */
  readonly problem: string;
}

/** What was found. */
export interface FuzzReport {
  readonly tallies: readonly FuzzTally[];
  readonly failure?: FuzzFailure;
}

/** How long to look for a smaller input, in milliseconds. */
const SHRINKING_TIME = 60_000;

/** Feeds decoders damaged files, until the time is up or one shows a problem. */
export async function runFuzz(
  {
    decoders,
    target,
    seed,
    seconds = Infinity,
    rounds = Infinity,
    runsPerRound = 500,
    onRound = () => {},
  }: FuzzOptions,
): Promise<FuzzReport> {
  const end = performance.now() + seconds * 1000;
  const tallies = decoders.map(({ name }) => ({ name, runs: 0, read: 0, refused: 0, seconds: 0 }));
  for (let round = 0; round < rounds; round++) {
    for (const [i, decoder] of decoders.entries()) {
      if (performance.now() >= end) return { tallies };
      const failure = await runRound(decoder, tallies[i], target, {
        seed: seed + round,
        numRuns: runsPerRound,
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
  let failure: FuzzFailure | undefined;
  let deadline = end;
  const property = fc.asyncProperty(mutateFiles(decoder), async (input) => {
    // Where the time is up, what is left of the round counts as passed, and so ends it.
    if (performance.now() >= deadline) return;
    try {
      const outcome = await target.run(decoder.name, input);
      if (failure) return;
      tally.runs++;
      tally[outcome]++;
    } catch (error) {
      if (!(error instanceof FuzzProblem)) throw error;
      // What fails after the first time is smaller than it.
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
