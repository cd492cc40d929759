import type { Input } from "./_input.ts";
import { callsFor } from "./_item_wise.ts";
import { mapped } from "./_mapped.ts";
import { counted } from "./_output.ts";
import type { Stage } from "./stage.ts";

/** The stage that gives `fn` of each item; `stage` is the verb that its errors use. */
export function mapItems<I, O>(
  stage: string,
  fn: (item: I, index: number) => O | PromiseLike<O>,
): Stage<I, O> {
  const run = mapRuns(stage, () => fn);
  return (source) => callsFor(run(source), source, stage, fn);
}

/** As {@linkcode mapItems}, with a function of its own for each run of the stage. */
export function mapRuns<I, O>(
  stage: string,
  begin: () => (item: I, index: number) => O | PromiseLike<O>,
): Stage<I, O> {
  return (source) =>
    counted(stage, source, (input: Input<I>, place) => {
      const fn = begin();
      return mapped(input, place, stage, (item: I, index) => fn(item, index));
    });
}
