/**
 * Batches of any records: each field in one array.
 *
 * @module
 */

import { checkInteger } from "../_arguments/check_integer.ts";
import type { ShardPlace } from "../data/batch.ts";
import type { Image } from "../data/image.ts";
import type { TypedArray } from "../stage/allocate.ts";
import { carryBatches, type PlanPart, planParts } from "../stage/_batch_shards.ts";
import { findFirstIndex } from "../stage/_start.ts";
import { stageOf, type StageRun } from "../stage/stage_of.ts";
import { type Column, type Field, gatherAlike, gatherPadded, nameMask } from "./_fields.ts";

export { StageError } from "../stage/stage_error.ts";
export type { ShardPlace } from "../data/batch.ts";
export type { Image } from "../data/image.ts";
export type { TypedArray } from "../stage/allocate.ts";

/** Numbers in row-major order, and their shape. */
export interface ShapedArray<
  D extends TypedArray = TypedArray,
  S extends readonly number[] = readonly number[],
> {
  /** The numbers. */
  readonly data: D;
  /** The length of each dimension. */
  readonly shape: S;
}

/** What the fields of an item that {@linkcode gather} takes may be. */
export type GatherValue = number | boolean | TypedArray | ShapedArray | Image;

/** Options of {@linkcode gather}. */
export interface GatherOptions<I extends string = never, P extends string = never> {
  /**
   * Whether the items that are left at the end, too few for a batch of full size, are dropped.
   *
   * @default {false}
   */
  readonly dropRemainder?: boolean;
  /**
   * The fields whose numbers are integers of 32 bits, such as indices of classes: they are gathered in an `Int32Array`.
   *
   * @default {none}
   */
  readonly integers?: readonly I[];
  /**
   * The fields whose arrays may differ in their lengths, and the number that the shorter ones are filled up with at the
   * end of each dimension.
   *
   * @default {none}
   */
  readonly pad?: { readonly [Name in P]: number };
}

/** What a batch has for a field of its items; `IsInteger` tells whether the numbers are integers. */
export type GatheredField<V, IsInteger extends boolean = false> = [V] extends [number]
  ? IsInteger extends true ? Int32Array<ArrayBuffer> : Float32Array<ArrayBuffer>
  : [V] extends [boolean] ? Uint8Array<ArrayBuffer>
  : V extends TypedArray ? ShapedArray<V, readonly [size: number, length: number]>
  : V extends ShapedArray<infer D, infer S> ? ShapedArray<D, readonly [size: number, ...S]>
  : V extends Image<infer D>
    ? ShapedArray<D, readonly [size: number, height: number, width: number, channels: number]>
  : never;

/**
 * A batch of items `T`: the size, a field for each of theirs, and a mask for each that is padded.
 *
 * @typeParam T The items.
 * @typeParam I The fields of integers.
 * @typeParam P The fields that are padded.
 */
export type Gathered<T, I extends string = never, P extends string = never> =
  & { readonly [K in keyof T]: GatheredField<T[K], K extends I ? true : false> }
  & {
    readonly [K in keyof T & P as `${K}Mask`]: ShapedArray<
      Uint8Array<ArrayBuffer>,
      GatheredField<T[K]> extends ShapedArray<TypedArray, infer S> ? S : never
    >;
  }
  & {
    /** How many items the batch holds. */
    readonly size: number;
    /** Which part of a larger batch it is, where {@linkcode shardBatches} gives one alone. */
    readonly part?: ShardPlace;
  };

/**
 * Gathers records in batches: each of their fields in one array, new for each batch. Holds one batch. For examples of an
 * image and a label, {@linkcode batch} copies less.
 *
 * The type of a field in the batch follows from its type in the items alone, never from the numbers:
 *
 * | in an item | in the batch |
 * | --- | --- |
 * | a number | a `Float32Array` of length `size`, which rounds; an `Int32Array` where `integers` names it |
 * | a boolean | a `Uint8Array` of length `size`, of 0 and 1 |
 * | a typed array | `{ data, shape: [size, length] }`, of the same type |
 * | `{ data, shape }` | `{ data, shape: [size, ...shape] }` |
 * | an image | `{ data, shape: [size, height, width, channels] }` |
 *
 * A field that `pad` names may differ in its lengths, not in its number of dimensions. It is as large in the batch as the
 * longest of them, and beside it is its mask, `nameMask`: 1 for each number that an item has, and 0 for padding.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { collect, gather } from "@rill/rill/pipelines";
 *
 * const items = [
 *   { images: { data: Uint8Array.of(1, 2), height: 1, width: 2, channels: 1 }, labels: 7, age: 0.5 },
 *   { images: { data: Uint8Array.of(3, 4), height: 1, width: 2, channels: 1 }, labels: 9, age: 2 },
 * ];
 * const batches = gather(2, { integers: ["labels"] })(ReadableStream.from(items));
 * assertEquals(await collect(batches), [{
 *   images: { data: Uint8Array.of(1, 2, 3, 4), shape: [2, 1, 2, 1] },
 *   labels: Int32Array.of(7, 9),
 *   age: Float32Array.of(0.5, 2),
 *   size: 2,
 * }]);
 * ```
 *
 * @example Texts of different lengths
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { collect, gather } from "@rill/rill/pipelines";
 *
 * const texts = [{ tokens: Int32Array.of(5, 6, 7) }, { tokens: Int32Array.of(8) }];
 * const [batch] = await collect(gather(2, { pad: { tokens: 0 } })(ReadableStream.from(texts)));
 * assertEquals(batch?.tokens, { data: Int32Array.of(5, 6, 7, 8, 0, 0), shape: [2, 3] });
 * assertEquals(batch?.tokensMask.data, Uint8Array.of(1, 1, 1, 1, 0, 0));
 * ```
 *
 * @typeParam I The fields of integers.
 * @typeParam P The fields that are padded.
 * @param size How many items a batch holds.
 * @param options The fields of integers and those to pad, and whether to drop a smaller batch at the end.
 * @returns The stage. It fails with a {@linkcode StageError} at an item whose fields are not those of the batch's first, or of
 * another shape or type; at one with a field `size` or `part`, which is the batch's, or named as a mask; and at a number that is not an
 * integer where one is promised.
 * @throws {RangeError} When `size` is not an integer of at least 1.
 */
export function gather<const I extends string = never, const P extends string = never>(
  size: number,
  options: GatherOptions<I, P> = {},
): <
  T extends
    & { readonly [K in keyof T]: GatherValue }
    & { readonly [K in I]: number }
    & { readonly [K in P]: Exclude<GatherValue, number | boolean> }
    & { readonly size?: never; readonly part?: never },
>(
  source: AsyncIterable<T>,
) => AsyncIterable<Gathered<T, I, P>> {
  checkInteger(`gather by ${size}`, "size", size, { min: 1 });
  const { dropRemainder = false, integers = [], pad = {} } = options;
  // A copy, as the batches of a later use are to be the same.
  const rules: Rules = { size, integers: new Set(integers), pad: new Map(Object.entries(pad)) };
  return <T>(source: AsyncIterable<T>) => {
    const planPart = planParts("gather", source, size);
    if (planPart && rules.pad.size > 0) {
      throw new RangeError(
        `Cannot pad ${
          [...rules.pad.keys()].join(", ")
        } of parts of batches as each is as long as the longest of its whole batch: ` +
          "pad the items before, or gather whole batches",
      );
    }
    const batches = stageOf({
      name: "gather",
      state: { index: findFirstIndex(source) },
      itemsPerOutput: size,
      begin: (run: StageRun<T>) => gatherBatches<T, I, P>(run, rules, { dropRemainder, planPart }),
    })(source);
    return carryBatches(batches, source, size);
  };
}

/** How fields are gathered. */
interface Rules {
  readonly size: number;
  readonly integers: ReadonlySet<string>;
  readonly pad: ReadonlyMap<string, number>;
}

async function* gatherBatches<T, I extends string, P extends string>(
  { input, state, fail }: StageRun<T>,
  rules: Rules,
  { dropRemainder, planPart }: {
    readonly dropRemainder: boolean;
    readonly planPart: PlanPart | undefined;
  },
): AsyncGenerator<Gathered<T, I, P>, void, undefined> {
  let fields: Map<string, Field> | undefined;
  let count = 0;
  let part: ReturnType<PlanPart> | undefined;
  const end = () => {
    const columns: Record<string, Column | number> = {};
    for (const field of fields!.values()) Object.assign(columns, field.end(count));
    if (part) Object.assign(columns, { part: { first: part.first, whole: part.whole } });
    columns["size"] = count;
    fields = undefined;
    count = 0;
    return columns as Gathered<T, I, P>;
  };
  while (true) {
    const { done, value: item } = await input.pull();
    if (done) break;
    try {
      fields ??= openFields(item as object, rules);
      addItem(fields, item as Readonly<Record<string, unknown>>);
    } catch (cause) {
      fail(cause);
    }
    if (count === 0) part = planPart?.(state.index);
    state.index++;
    if (++count < (part?.count ?? rules.size)) continue;
    if (dropRemainder && (part?.whole ?? rules.size) < rules.size) return;
    yield end();
  }
  if (count === 0) return;
  if (part) fail(new RangeError(`it has ${count} of the ${part.count} items of its part`));
  if (!dropRemainder) yield end();
}

/** Makes the fields of a batch for its first item. */
function openFields(item: object, { size, integers, pad }: Rules): Map<string, Field> {
  if (typeof item !== "object" || item === null) throw new TypeError("it isn't a record");
  const names = Object.keys(item);
  for (const name of [...integers, ...pad.keys()]) {
    if (!names.includes(name)) throw new TypeError(`there is no field ${name} among ${names}`);
  }
  for (const name of ["size", "part", ...Array.from(pad.keys(), nameMask)]) {
    if (names.includes(name)) throw new TypeError(`the field ${name} is the batch's own`);
  }
  return new Map(names.map((name) => {
    const padding = pad.get(name);
    const field = padding === undefined
      ? gatherAlike(name, size, integers.has(name))
      : gatherPadded(name, padding);
    return [name, field];
  }));
}

function addItem(fields: Map<string, Field>, item: Readonly<Record<string, unknown>>): void {
  const names = Object.keys(item);
  if (names.length !== fields.size || names.some((name) => !fields.has(name))) {
    throw new TypeError(
      `the fields are ${names.join(", ")} where the batch's first has ${
        [...fields.keys()].join(", ")
      }`,
    );
  }
  for (const [name, field] of fields) field.add(item[name]);
}
