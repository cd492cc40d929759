import type { Repeater } from "../shared/measure_turns.ts";

/** What one turn of training steps took. */
export interface TrainTurn {
  readonly seconds: number;
  /** The loss of the turn's first step. */
  readonly loss: number;
  /** The most memory that the process had, in bytes; that on a GPU isn't in it. */
  readonly peakRss: number;
  /** What the WebGPU device was told to do in the whole turn, where there is one. */
  readonly commands?: Commands;
}

/** How often a WebGPU device was told to do something. */
export interface Commands {
  readonly dispatches: number;
  readonly submits: number;
  /** Writes to buffers from the processor's memory. */
  readonly uploads: number;
}

/** One that trains, in a process of its own: each time is a training step. */
export interface TrainContestant extends Repeater<TrainTurn> {
  /** What it is made of: versions, a backend. */
  readonly about: string;
  readonly close: () => Promise<void>;
}
