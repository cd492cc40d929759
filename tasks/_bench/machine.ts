/** Where something was measured. */
export interface Machine {
  readonly os: string;
  readonly arch: string;
  readonly cores: number;
  readonly deno: string;
  /** How many processes wanted to run over the last minute, when the measuring began; with other work on it that is in it. */
  readonly load: number;
}

/** This machine as it is now. */
export const thisMachine = (): Machine => ({
  os: Deno.build.os,
  arch: Deno.build.arch,
  cores: navigator.hardwareConcurrency,
  deno: Deno.version.deno,
  load: Deno.loadavg()[0],
});

/** It in words. */
export const machineText = ({ os, arch, cores, deno, load }: Machine): string =>
  `${os} ${arch}, ${cores} cores, load ${load.toFixed(1)} at the start, Deno ${deno}`;
