import { closing } from "./_closing.ts";
import { isPromise } from "./_settle.ts";
import type { Stage } from "./stage.ts";
import { StageError } from "./stage_error.ts";

/** The stage that gives `fn` of each item; `stage` is the verb that its errors use. */
export function mapItems<I, O>(
  stage: string,
  fn: (item: I, index: number) => O | PromiseLike<O>,
): Stage<I, O> {
  return (source) => closing(mapped(source, stage, fn), source);
}

async function* mapped<I, O>(
  source: AsyncIterable<I>,
  stage: string,
  fn: (item: I, index: number) => O | PromiseLike<O>,
): AsyncGenerator<O, void, undefined> {
  let index = 0;
  for await (const item of source) {
    let output: O;
    try {
      const result = fn(item, index);
      output = isPromise(result) ? await result : result;
    } catch (cause) {
      throw new StageError(stage, index, cause);
    }
    index++;
    yield output;
  }
}
