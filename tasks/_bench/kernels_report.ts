import type { Absentee } from "./contestant.ts";
import type { Machine } from "./machine.ts";
import type { StepProfile } from "./step_profile.ts";
import type { TrainLoad } from "./train_contestant.ts";

/** What `deno task bench kernels` found out, as `--json` prints it. */
export interface KernelsReport extends TrainLoad {
  readonly machine: Machine;
  /** The backend, and what it is. */
  readonly backend: "webgpu" | "wasm";
  readonly about: string;
  readonly rounds: number;
  /** What the device could do at most, in GFLOP/s, if that was said. */
  readonly peak: number | null;
  readonly kernels: readonly KernelReport[];
  /** Whose kernels could not be measured. */
  readonly missing: readonly Absentee[];
  /** What a step with Rill's kernels spends its time on; or why that isn't known. */
  readonly profile: StepProfile | { readonly missing: string };
}

/** How fast a kernel was. */
export interface KernelReport {
  readonly name: string;
  readonly flops: number;
  readonly bytes: number;
  readonly rill: KernelSpeed;
  /** tfjs's own, if it was measured. */
  readonly stock: KernelSpeed | null;
  /** How many times as fast Rill's was, in the middle one of the rounds. */
  readonly ratio: number | null;
}

/** How fast one of them was. */
export interface KernelSpeed {
  /** The middle one of the turns, and all of them. */
  readonly seconds: number;
  readonly runs: readonly number[];
  /** None where moving numbers is all. */
  readonly gflops: number | null;
  /** The bytes that have to be moved at least, by the time. */
  readonly gigabytesPerSecond: number;
}
