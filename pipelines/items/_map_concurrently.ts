import { Input } from "../stage/_input.ts";
import { output, type Place } from "../stage/_output.ts";
import { Puller } from "../stage/_puller.ts";
import { readSaved } from "../stage/_saved.ts";
import type { Position } from "../stage/position.ts";
import { StageError } from "../stage/stage_error.ts";

/** What a call gave; nothing where there was no item left for it. */
type Given<O> = { readonly output: O; readonly position?: Position } | undefined;

/** Calls `fn` with up to `concurrency` items at a time; `stage` is the verb that its errors use. */
export function mapConcurrently<I, O>(
  stage: string,
  source: AsyncIterable<I>,
  fn: (item: I, index: number) => O | PromiseLike<O>,
  { concurrency, ordered }: { concurrency: number; ordered: boolean },
): AsyncIterable<O> {
  const give = ordered ? inOrder : asTheyFinish;
  const outputs = output([source], (tracked, from) => {
    const saved = readSaved(stage, from);
    const place: Place & { position?: Position } = { index: saved?.count("index") ?? 0 };
    const input = new Input(source, tracked, saved?.part("source"));
    return {
      outputs: run(input, tracked, place, stage, fn, (call) => give(call, concurrency)),
      inputs: [input],
      position: () => {
        const { index, position = input.position() } = place;
        return { stage, index, source: position };
      },
    };
  });
  // Which ones have been given depends on chance, not on a count.
  return ordered ? outputs : { [Symbol.asyncIterator]: () => outputs[Symbol.asyncIterator]() };
}

async function* run<I, O>(
  input: Input<I>,
  tracked: boolean,
  place: Place & { position?: Position },
  stage: string,
  fn: (item: I, index: number) => O | PromiseLike<O>,
  give: (call: () => Promise<Given<O>>) => AsyncGenerator<NonNullable<Given<O>>, void, undefined>,
): AsyncGenerator<O, void, undefined> {
  const puller = new Puller(input, tracked);
  let pulled = place.index;
  const call = async (): Promise<Given<O>> => {
    const { result, position } = await puller.pull();
    if (result.done) return undefined;
    const index = pulled++;
    try {
      return { output: await fn(result.value, index), position };
    } catch (cause) {
      throw new StageError(stage, index, cause);
    }
  };
  try {
    for await (const { output, position } of give(call)) {
      place.index++;
      place.position = position;
      yield output;
    }
  } finally {
    await puller.close();
  }
}

async function* inOrder<O>(
  call: () => Promise<Given<O>>,
  concurrency: number,
): AsyncGenerator<NonNullable<Given<O>>, void, undefined> {
  const queue: Promise<Given<O>>[] = [];
  while (true) {
    while (queue.length < concurrency) {
      const given = call();
      given.catch(() => {}); // An error is reported when its turn comes.
      queue.push(given);
    }
    const given = await queue.shift()!;
    if (!given) return;
    yield given;
  }
}

async function* asTheyFinish<O>(
  call: () => Promise<Given<O>>,
  concurrency: number,
): AsyncGenerator<NonNullable<Given<O>>, void, undefined> {
  const finished: (() => Given<O>)[] = [];
  let running = 0;
  let ended = false;
  let wake = () => {};
  const finish = (result: () => Given<O>) => {
    running--;
    finished.push(result);
    wake();
  };
  while (true) {
    while (!ended && running + finished.length < concurrency) {
      running++;
      call().then(
        (given) => finish(() => given),
        (error) =>
          finish(() => {
            throw error;
          }),
      );
    }
    if (finished.length > 0) {
      const given = finished.shift()!();
      if (given) yield given;
      else ended = true;
    } else if (running > 0) {
      await new Promise<void>((resolve) => wake = resolve);
    } else return;
  }
}
