import type { Input } from "./_input.ts";
import type { Into } from "./_into.ts";
import { callsFor } from "./_item_wise.ts";
import { counted, type Place } from "./_output.ts";
import { isPromise } from "./_promise.ts";
import { END, type Pull, type Result } from "./_pull.ts";
import type { Stage } from "./stage.ts";
import { StageError } from "./stage_error.ts";

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

/**
 * Gives `fn` of each item of the input; `stage` is the verb that its errors use.
 *
 * @param inner Makes the array of an image of the input.
 */
export function mapped<I, O>(
  input: Input<I>,
  place: Place,
  stage: string,
  fn: (item: I, index: number, into?: Into) => O | PromiseLike<O>,
  inner?: Into,
): Pull<O> {
  const give = (value: O): Result<O> => {
    place.index++;
    return { done: false, value };
  };
  const refuse = (cause: unknown): never => {
    throw new StageError(stage, place.index, cause);
  };
  const apply = (pulled: Result<I>, into?: Into): Result<O> | Promise<Result<O>> => {
    if (pulled.done) return END;
    let output: O | PromiseLike<O>;
    try {
      output = fn(pulled.value, place.index, into);
    } catch (cause) {
      return refuse(cause);
    }
    return isPromise(output) ? Promise.resolve(output).then(give, refuse) : give(output);
  };
  return (into) => {
    const pulled = input.pull(inner);
    return isPromise(pulled) ? pulled.then((pulled) => apply(pulled, into)) : apply(pulled, into);
  };
}
