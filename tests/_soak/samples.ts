import type { Series } from "./trend.ts";

/** What a process that trains takes at a moment. */
export interface Sample {
  /** Seconds since the first sample. */
  readonly seconds: number;
  /** The step that its log has come to. */
  readonly step: number;
  /** Seconds of processors that all threads have taken. */
  readonly processor: number;
  /** Resident memory in bytes. */
  readonly resident: number;
  /** What V8 has in use for objects of the main thread, in bytes. */
  readonly heap: number;
  /** The tensor library's tensors in the main thread, and their bytes. */
  readonly tensors: number;
  readonly tensorBytes: number;
  /** The memory of the WASM module of the main thread, or the buffers on the device, in bytes. */
  readonly deviceBytes: number;
  readonly handles: number;
  readonly threads: number;
}

/** Reads the samples of a file of JSON lines; the last may be under way. */
export function parseSamples(text: string): Sample[] {
  return text.split("\n").slice(0, -1).map((line) => JSON.parse(line));
}

/** Makes the quantities of samples whose trends tell whether anything leaks. */
export function listSeries(samples: readonly Sample[]): Series[] {
  const at = samples.map(({ seconds }) => seconds);
  const of = (
    name: string,
    read: (sample: Sample) => number,
    unit: string,
    { share = 0, least, summary = "mean" }: Partial<Series> & Pick<Series, "least">,
  ): Series => ({
    ...{ name, unit, at, values: samples.map(read) },
    ...{ share, least, summary, bad: "growth" },
  });
  const memory = { share: 0.03, least: 8e6, summary: "least" } as const;
  return [
    of("resident memory", ({ resident }) => resident, "MB", memory),
    of("JavaScript objects", ({ heap }) => heap, "MB", memory),
    of("WASM memory or device buffers", ({ deviceBytes }) => deviceBytes, "MB", { least: 1e6 }),
    of("tensors", ({ tensors }) => tensors, "", { least: 1 }),
    of("bytes of tensors", ({ tensorBytes }) => tensorBytes, "MB", { least: 1e6 }),
    of("open files", ({ handles }) => handles, "", { least: 1 }),
    // The runtime has some for files, which come and go.
    of("threads", ({ threads }) => threads, "", { least: 4 }),
    // What others do on the machine slows the clock's speed down, so that only the other decides.
    listSpeeds(samples, "steps in a second of processors", ({ processor }) => processor, 0.1),
    listSpeeds(samples, "steps in a second", ({ seconds }) => seconds, Infinity),
  ];
}

/** How long a speed is measured, in samples: an evaluation and a saving should be in each. */
const SPAN = 10;

function listSpeeds(
  samples: readonly Sample[],
  name: string,
  timeOf: (sample: Sample) => number,
  share: number,
): Series {
  const ends = samples.filter((_, i) => i % SPAN === 0);
  const speeds = ends.slice(1).map((end, i) => ({
    at: end.seconds,
    speed: (end.step - ends[i]!.step) / (timeOf(end) - timeOf(ends[i]!)),
  }));
  return {
    name,
    unit: "",
    at: speeds.map(({ at }) => at),
    values: speeds.map(({ speed }) => speed),
    share,
    least: 0,
    summary: "mean",
    bad: "fall",
  };
}
