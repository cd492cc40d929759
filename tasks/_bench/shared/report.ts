import { cpus } from "node:os";

/** A machine on which something was measured. */
export interface Machine {
  readonly os: string;
  readonly arch: string;
  /** The processor's name. */
  readonly processor: string;
  readonly cores: number;
  readonly deno: string;
  /** Processes that wanted to run over the last minute when the measuring began, those of other work included. */
  readonly load: number;
}

/** Reads what this machine is, and its load at the moment. */
export const readMachine = (): Machine => ({
  os: Deno.build.os,
  arch: Deno.build.arch,
  processor: cpus()[0]?.model.replace(/\s+/g, " ").trim() || "unknown",
  cores: navigator.hardwareConcurrency,
  deno: Deno.version.deno,
  load: Deno.loadavg()[0] ?? NaN,
});

/** Writes a number with as many decimals as are worth showing: 0.0123, 1.23, 12.3, 1,234. */
export function formatDecimals(value: number): string {
  const digits = value === 0 ? 0 : Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toLocaleString("en-US", {
    minimumFractionDigits: Math.min(digits, 6),
    maximumFractionDigits: Math.min(digits, 6),
  });
}

/** Describes a machine in a line. */
export const formatMachine = ({ os, arch, processor, cores, deno, load }: Machine): string =>
  `${os} ${arch}, ${cores} cores of ${processor}, load ${
    load.toFixed(1)
  } at the start, Deno ${deno}`;
