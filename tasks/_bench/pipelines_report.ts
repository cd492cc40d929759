import type { Absentee } from "./contestant.ts";
import type { MemoryFigures } from "./measure_memory.ts";
import type { StageFigures } from "./measure_stages.ts";

/** What `deno task bench pipelines` found out, as `--json` prints it. */
export interface PipelinesReport {
  readonly machine: { readonly os: string; readonly arch: string; readonly cores: number };
  /** How often everything was measured. */
  readonly rounds: number;
  /** For the size to resize to, and for that of the stored images. */
  readonly loads: readonly { readonly side: number; readonly loaders: readonly LoaderReport[] }[];
  /** Who could not be measured. */
  readonly missing: readonly Absentee[];
  /** Images in the epoch whose memory was measured, and their side. */
  readonly images: number;
  readonly side: number;
  readonly memory: readonly ({ readonly name: string } & MemoryFigures)[];
  readonly stages: readonly StageFigures[];
}

/** How fast one was. */
export interface LoaderReport {
  readonly name: string;
  readonly about: string;
  /** Images in a run. */
  readonly images: number;
  /** The middle one of the runs. */
  readonly imagesPerSecond: number;
  readonly runs: readonly number[];
  /** How many times as fast the first of them was, in the middle one of the rounds. */
  readonly ratio: number;
}
