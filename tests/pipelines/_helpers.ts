import { assert, assertEquals, assertRejects, assertStrictEquals, assertThrows } from "@std/assert";
import { toTransformStream } from "@std/streams";
import {
  collect,
  type Example,
  type IdxArray,
  type Position,
  readIndexed,
  resumeFrom,
  withPosition,
} from "@rill/rill/pipelines";

/** A source that counts what is asked of it. It can be iterated any number of times. */
export interface CountingSource<T> extends AsyncIterable<T> {
  /** How many items were pulled. */
  pulled: number;
  /** How often an iterator was closed. */
  closed: number;
}

/** A source of `items`, after which it ends or, where there is a `failure`, fails. */
export function counting<T>(items: Iterable<T>, failure?: Error): CountingSource<T> {
  return {
    pulled: 0,
    closed: 0,
    [Symbol.asyncIterator]() {
      const iterator = items[Symbol.iterator]();
      return {
        next: async () => {
          await tick();
          const result = iterator.next();
          if (result.done && failure) throw failure;
          if (!result.done) this.pulled++;
          return result;
        },
        return: () => {
          this.closed++;
          return Promise.resolve({ done: true, value: undefined });
        },
      };
    },
  };
}

/** A stream that ends without an item. */
export const nothing = (): AsyncIterable<never> => counting<never>([]);

/** Integers from 0 on. */
export const range = (length: number): number[] => Array.from({ length }, (_, i) => i);

/** Lets other tasks go first, once. */
const tick = (): Promise<void> => new Promise((resolve) => queueMicrotask(resolve));

/** Waits until nothing more happens by itself. */
export const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

/** A source of `items` that can be resumed. */
export const indexed = <T>(items: readonly T[]): AsyncIterable<T> =>
  readIndexed()({ length: items.length, get: (index) => items[index] as T });

/** Whether positions can be asked of a pipeline. */
export const isResumable = (pipeline: AsyncIterable<unknown>): boolean => "iterateFrom" in pipeline;

/** A position after it was saved and loaded. */
export const saved = (position: Position): Position => JSON.parse(JSON.stringify(position));

/**
 * Stops a pipeline at every place, and asserts that what comes after a restart is what would have come, with the same
 * positions.
 *
 * @param build Makes the pipeline, as another process would make it again.
 * @returns All that it gives.
 */
export async function assertResumes<T>(build: () => AsyncIterable<T>): Promise<T[]> {
  const whole = await collect(withPosition()(build()));
  assertEquals(await collect(build()), whole.map(([item]) => item));
  for (let stop = 0; stop < whole.length; stop++) {
    const rest = await collect(withPosition()(resumeFrom(saved(whole[stop]![1]))(build())));
    assertEquals(rest, whole.slice(stop + 1), `after ${stop + 1} items`);
  }
  return whole.map(([item]) => item);
}

/** What {@linkcode testStage} needs to know of a stage. */
export interface StageCase<I, O> {
  /** The stage, as in `map()`. */
  readonly name: string;
  readonly stage: (source: AsyncIterable<I>) => AsyncIterable<O>;
  /** Items that go in; at least as many as it takes for three outputs. */
  readonly input: readonly I[];
  /** What comes out of them. */
  readonly output: readonly O[];
  /** How many items the stage has pulled when it has given `given` outputs, of which there are more to come. */
  readonly pulled: (given: number) => number;
  /** Whether the stage ends before its source does. */
  readonly endsFirst?: boolean;
  /** Whether an empty source is an error to the stage. */
  readonly refusesNothing?: boolean;
  /** Whether it has a state that is no part of a position. */
  readonly keepsState?: boolean;
}

/** Registers the tests of what every stage promises. */
export function testStage<I, O>(
  {
    name,
    stage,
    input,
    output,
    pulled,
    endsFirst = false,
    refusesNothing = false,
    keepsState = false,
  }: StageCase<I, O>,
): void {
  const failure = new Error("the source failed");

  Deno.test(`${name} gives its outputs in order, every time it is used`, async () => {
    assertEquals(await collect(stage(counting(input))), output);
    assertEquals(await collect(stage(counting(input))), output);
  });

  Deno.test(`${name} keeps two uses at a time apart`, async () => {
    const first = stage(counting(input))[Symbol.asyncIterator]();
    const second = stage(counting(input))[Symbol.asyncIterator]();
    for (const expected of output) {
      assertEquals((await first.next()).value, expected);
      assertEquals((await second.next()).value, expected);
    }
    assert((await first.next()).done);
    assert((await second.next()).done);
  });

  Deno.test(`${name} ${refusesNothing ? "refuses" : "gives nothing of"} nothing`, async () => {
    if (refusesNothing) await assertRejects(() => collect(stage(nothing())));
    else assertEquals(await collect(stage(nothing())), []);
  });

  Deno.test(`${name} pulls only when pulled from, and no more than it says`, async () => {
    const source = counting(input);
    const outputs = stage(source)[Symbol.asyncIterator]();
    await settled();
    assertEquals(source.pulled, 0);
    for (let given = 1; given < output.length; given++) {
      await outputs.next();
      await settled();
      assertEquals(source.pulled, Math.min(pulled(given), input.length), `after ${given} outputs`);
    }
    await outputs.return!();
  });

  Deno.test(`${name} closes its source once when it is closed`, async () => {
    const source = counting(input);
    for await (const _ of stage(source)) break;
    assertEquals(source.closed, 1);
  });

  Deno.test(`${name} closes its source when it is closed before the first pull`, async () => {
    const source = counting(input);
    const outputs = stage(source)[Symbol.asyncIterator]();
    await outputs.return!();
    assertEquals([source.pulled, source.closed], [0, 1]);
    assertEquals(await outputs.next(), { done: true, value: undefined });
    assertEquals([source.pulled, source.closed], [0, 1]);
  });

  Deno.test(`${name} closes its source at its end only where that goes on`, async () => {
    const source = counting(input);
    await collect(stage(source));
    assertEquals(source.closed, endsFirst ? 1 : 0);
  });

  Deno.test(`${name} passes an error of its source on as it is`, async () => {
    const source = counting(endsFirst ? [] : input, failure);
    const error = await assertRejects(() => collect(stage(source)));
    assertStrictEquals(error, failure);
    assertEquals(source.closed, 0);
  });

  if (isResumable(stage(indexed(input))) && !keepsState) {
    Deno.test(`${name} resumes after every output as if it had never stopped`, async () => {
      assertEquals(await assertResumes(() => stage(indexed(input))), output);
    });

    Deno.test(`${name} has no positions where its source has none`, () => {
      assert(!isResumable(stage(counting(input))));
      assert(!isResumable(stage(ReadableStream.from(input))));
      assertThrows(() => withPosition()(stage(counting(input))), TypeError, "Cannot use positions");
    });
  }

  Deno.test(`${name} works on a web stream and in pipeThrough()`, async () => {
    assertEquals(await collect(stage(ReadableStream.from(input))), output);
    const piped = ReadableStream.from(input).pipeThrough(toTransformStream<I, O>(stage));
    assertEquals(await collect(piped), output);
  });

  Deno.test(`${name} in pipeThrough() cancels its source when it is cancelled`, async () => {
    const cancelled = Promise.withResolvers<void>();
    let next = 0;
    const source = new ReadableStream<I>({
      pull(controller) {
        if (next < input.length) controller.enqueue(input[next++]);
        else controller.close();
      },
      cancel: () => cancelled.resolve(),
    }, { highWaterMark: 0 });
    // Without buffers of their own the streams pull no further than the stage does.
    const reader = source.pipeThrough(
      toTransformStream<I, O>(stage, { highWaterMark: 0 }, { highWaterMark: 0 }),
    ).getReader();
    assertEquals((await reader.read()).value, output[0]);
    await reader.cancel();
    await cancelled.promise;
  });
}

/** An example of one sample, which is its label. */
export const tiny = (label: number): Example<Uint8Array<ArrayBuffer>> => ({
  image: { data: Uint8Array.of(label), height: 1, width: 1, channels: 1 },
  label,
});

const CODES: Readonly<Record<IdxArray["type"], number>> = {
  uint8: 0x08,
  int8: 0x09,
  int16: 0x0b,
  int32: 0x0c,
  float32: 0x0d,
  float64: 0x0e,
};

/** The bytes of an IDX file. */
export function encodeIdx({ type, shape, data }: IdxArray): Uint8Array<ArrayBuffer> {
  const header = idxHeader(CODES[type], ...shape);
  const bytes = new Uint8Array(header.length + data.byteLength);
  bytes.set(header);
  const size = data.BYTES_PER_ELEMENT;
  const native = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  // The machine has the lowest byte first; the file, the highest.
  native.forEach((byte, i) => bytes[header.length + i - i % size + size - 1 - i % size] = byte);
  return bytes;
}

/** An IDX header, whatever it says. */
export function idxHeader(code: number, ...shape: number[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(4 + 4 * shape.length);
  bytes.set([0, 0, code, shape.length]);
  const view = new DataView(bytes.buffer);
  shape.forEach((length, i) => view.setUint32(4 + 4 * i, length));
  return bytes;
}

/** Bytes cut into chunks of the given sizes, in turn. */
export function* cut(
  bytes: Uint8Array<ArrayBuffer>,
  sizes: readonly number[],
): Generator<Uint8Array<ArrayBuffer>> {
  let at = 0;
  for (let i = 0; at < bytes.length; i++) {
    yield bytes.slice(at, at += sizes[i % sizes.length]!);
  }
}

/** Pearson's measure of how unequally often `kinds` outcomes come; about `kinds - 1` where they are equally likely. */
export function chiSquare(outcomes: readonly string[], kinds: number): number {
  const counts = new Map<string, number>();
  for (const outcome of outcomes) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  const expected = outcomes.length / kinds;
  const missing = (kinds - counts.size) * expected;
  return [...counts.values()].reduce((sum, n) => sum + (n - expected) ** 2 / expected, missing);
}
