import type { Repeater } from "../shared/measure_turns.ts";

/** The result of a turn of training steps. */
export interface TrainTurn {
  readonly seconds: number;
  /** The loss of the turn's first step. */
  readonly loss: number;
  /** The most memory that the process had, in bytes; that on a GPU isn't in it. */
  readonly peakRss: number;
  /** The commands to the WebGPU device in the whole turn, where there is one. */
  readonly commands?: Commands;
}

/** Counts of commands to a WebGPU device. */
export interface Commands {
  readonly dispatches: number;
  readonly submits: number;
  /** Writes to buffers from the CPU's memory. */
  readonly uploads: number;
}

/** A trainer in a process of its own: each repetition is a training step. */
export interface TrainContestant extends Repeater<TrainTurn> {
  /** Its versions or its backend. */
  readonly about: string;
  /** The rate of its product of 1024³ in GFLOP/s, and the cores that it had, where its step counts only if that is fast. */
  readonly product?: { readonly gflops: number; readonly cores: number };
  readonly close: () => Promise<void>;
}
