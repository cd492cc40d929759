import type { Dispatch } from "./profile_passes.ts";
import type { KernelCall } from "./watch_kernels.ts";

/** The calls of one kernel with the same shapes in a step. */
export interface KernelShare {
  readonly name: string;
  /** The programs that it dispatched; none on the CPU. */
  readonly programs: readonly string[];
  readonly calls: number;
  readonly dispatches: number;
  readonly seconds: number;
  readonly flops: number;
}

/** The kernels on which a step's time was spent. */
export interface StepProfile {
  /** From the most to the least. */
  readonly kernels: readonly KernelShare[];
  /** From the first one's beginning to the last one's end: with what passes between them. */
  readonly seconds: number;
}

/** Adds up the dispatches of a step by the kernels that made them, as their calls tell by number. */
export function sumDispatches(
  calls: readonly KernelCall[],
  dispatches: readonly Dispatch[],
): StepProfile {
  const owners = new Map<number, string>();
  for (const { name, from, to } of calls) for (let i = from; i < to; i++) owners.set(i, name);
  const rows = dispatches.map(({ label, begin, end }, i) => ({
    name: owners.get(i) ?? "no kernel's",
    programs: [label],
    calls: 0,
    dispatches: 1,
    seconds: (end - begin) / 1e9,
    flops: 0,
  }));
  const counted = calls.filter(({ from, to }) => to > from).map(({ name, flops }) => ({
    ...NOTHING,
    name,
    calls: 1,
    flops,
  }));
  const begin = Math.min(...dispatches.map(({ begin }) => begin));
  const end = Math.max(...dispatches.map(({ end }) => end));
  return {
    kernels: addUp([...rows, ...counted]),
    seconds: dispatches.length === 0 ? 0 : (end - begin) / 1e9,
  };
}

/** Adds up the calls of a step on the CPU, where a call's beginning and end are milliseconds. */
export function sumCalls(calls: readonly KernelCall[], seconds: number): StepProfile {
  return {
    kernels: addUp(calls.map(({ name, flops, from, to }) => ({
      ...NOTHING,
      name,
      calls: 1,
      seconds: (to - from) / 1000,
      flops,
    }))),
    seconds,
  };
}

const NOTHING = { programs: [] as string[], calls: 0, dispatches: 0, seconds: 0, flops: 0 };

function addUp(rows: readonly KernelShare[]): KernelShare[] {
  const sums = new Map<string, KernelShare>();
  for (const row of rows) {
    const sum = sums.get(row.name) ?? { ...NOTHING, name: row.name };
    sums.set(row.name, {
      name: row.name,
      programs: [...new Set([...sum.programs, ...row.programs])],
      calls: sum.calls + row.calls,
      dispatches: sum.dispatches + row.dispatches,
      seconds: sum.seconds + row.seconds,
      flops: sum.flops + row.flops,
    });
  }
  return [...sums.values()].sort((a, b) => b.seconds - a.seconds);
}
