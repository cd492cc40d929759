/**
 * Why a test that takes long isn't run, unless all are: `RILL_LONG=all .ci/run` runs them, each night. What it tests is tested
 * by smaller ones at each change.
 */
export const nightly: string | undefined = Deno.env.get("RILL_LONG") === "all"
  ? undefined
  : "it runs each night";

/** Chooses what is tested at each change, and all of it each night. */
export const sample = <T>(all: readonly T[], ...chosen: readonly T[]): readonly T[] =>
  nightly === undefined ? all : chosen;
