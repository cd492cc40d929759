import type { Input } from "./_input.ts";
import { counted, type Place } from "./_output.ts";
import { isPromise } from "./_settle.ts";
import type { Stage } from "./stage.ts";
import { StageError } from "./stage_error.ts";

/** The stage that gives `fn` of each item; `stage` is the verb that its errors use. */
export function mapItems<I, O>(
  stage: string,
  fn: (item: I, index: number) => O | PromiseLike<O>,
): Stage<I, O> {
  return mapRuns(stage, () => fn);
}

/** As {@linkcode mapItems}, with a function of its own for each run of the stage. */
export function mapRuns<I, O>(
  stage: string,
  begin: () => (item: I, index: number) => O | PromiseLike<O>,
): Stage<I, O> {
  return (source) =>
    counted(stage, source, (input: Input<I>, place) => mapped(input, place, stage, begin()));
}

async function* mapped<I, O>(
  input: Input<I>,
  place: Place,
  stage: string,
  fn: (item: I, index: number) => O | PromiseLike<O>,
): AsyncGenerator<O, void, undefined> {
  for await (const item of input) {
    let output: O;
    try {
      const result = fn(item, place.index);
      output = isPromise(result) ? await result : result;
    } catch (cause) {
      throw new StageError(stage, place.index, cause);
    }
    place.index++;
    yield output;
  }
}
