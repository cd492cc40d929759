import type { Absentee } from "./contestant.ts";
import type { Machine } from "./machine.ts";
import type { Commands, TrainLoad } from "./train_contestant.ts";

/** What `deno task bench train` found out, as `--json` prints it. */
export interface TrainReport extends TrainLoad {
  readonly machine: Machine;
  readonly backend: "webgpu" | "wasm";
  readonly rounds: number;
  /** Floating-point operations of a step, in billions; no gradient for the images is among them. */
  readonly gflop: number;
  /** What the device could do at most, in GFLOP/s, if that was said. */
  readonly peak: number | null;
  readonly contestants: readonly TrainerReport[];
  /** Who could not be measured. */
  readonly missing: readonly Absentee[];
  /** From the command to the end of the first step. */
  readonly start: StartReport | { readonly missing: string };
}

/** How fast one trained. */
export interface TrainerReport {
  readonly name: string;
  readonly about: string;
  /** Steps in a turn. */
  readonly steps: number;
  /** Seconds a step: of the middle one of the turns, of the fastest, and of all in their order. */
  readonly seconds: number;
  readonly least: number;
  readonly runs: readonly number[];
  readonly imagesPerSecond: number;
  readonly gflops: number;
  /** The part of the peak that it reached. */
  readonly share: number | null;
  /** What the device was told in a step; nothing where there was none of WebGPU's. */
  readonly commands: Commands | null;
  readonly peakRss: number;
  readonly firstLoss: number;
  /** How many times as fast the first of them was, in the middle one of the rounds. */
  readonly ratio: number;
}

/** How long it took to begin. */
export interface StartReport {
  /** The middle one of the runs. */
  readonly seconds: number;
  readonly runs: readonly number[];
}
