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
export const readMachine = (): Machine => ({
  os: Deno.build.os,
  arch: Deno.build.arch,
  cores: navigator.hardwareConcurrency,
  deno: Deno.version.deno,
  load: Deno.loadavg()[0] ?? NaN,
});
