import type { Input } from "./_input.ts";
import type { Into } from "./_into.ts";
import type { Place } from "./_output.ts";
import { END, type Pull, type Result } from "./_pull.ts";
import { isPromise } from "./_settle.ts";
import { StageError } from "./stage_error.ts";

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
