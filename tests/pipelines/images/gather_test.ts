import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  collect,
  drain,
  gather,
  type Gathered,
  type GatherOptions,
  map,
  type ShapedArray,
  StageError,
} from "@rill/rill/pipelines";
import { trainStep } from "@rill/rill/models";
import { pipe } from "fp-ts/lib/function.js";
import { getOnly } from "../_get_only.ts";
import { assertResumes, counting, indexed, range, testStage } from "../_helpers.ts";

interface Text {
  readonly tokens: Int32Array<ArrayBuffer>;
  readonly label: number;
}

/** Texts of 3, 1, 2, 0, … tokens. */
const texts: Text[] = [3, 1, 2, 0, 2, 1, 1].map((length, label) => ({
  tokens: Int32Array.from(range(length), (i) => 10 * label + i),
  label,
}));

testStage<Text, unknown>({
  name: "gather()",
  stage: gather(2, { integers: ["label"], pad: { tokens: -1 } }),
  input: texts,
  output: [
    batchOf([[0, 1, 2], [10, -1, -1]], [[1, 1, 1], [1, 0, 0]], [0, 1]),
    batchOf([[20, 21], [-1, -1]], [[1, 1], [0, 0]], [2, 3]),
    batchOf([[40, 41], [50, -1]], [[1, 1], [1, 0]], [4, 5]),
    batchOf([[60]], [[1]], [6]),
  ],
  pulled: (given) => 2 * given,
});

function batchOf(tokens: number[][], mask: number[][], labels: number[]): unknown {
  const shape = [tokens.length, tokens[0]!.length];
  return {
    tokens: { data: Int32Array.from(tokens.flat()), shape },
    tokensMask: { data: Uint8Array.from(mask.flat()), shape },
    label: Int32Array.from(labels),
    size: tokens.length,
  };
}

/** Gathers all items in one batch. */
const gatherAll = async <T>(
  items: readonly T[],
  options: GatherOptions<string, string> = {},
): Promise<Record<string, unknown>> =>
  getOnly(
    await collect(
      // deno-lint-ignore no-explicit-any
      (gather(items.length, options) as any)(counting(items)) as AsyncIterable<
        Record<string, unknown>
      >,
    ),
  );

Deno.test("gather() makes each field one array, of a type that follows from the items'", async () => {
  const item = (i: number) => ({
    age: i,
    label: i,
    seen: i === 1,
    features: Float64Array.of(i, i + 0.5),
    box: { data: Int16Array.of(i, 2, 3, 4), shape: [2, 2] },
    images: { data: Uint8Array.of(i, 7), height: 1, width: 2, channels: 1 },
    scalar: { data: Float32Array.of(i), shape: [] },
  });
  assertEquals(await gatherAll([item(0), item(1)], { integers: ["label"] }), {
    age: Float32Array.of(0, 1),
    label: Int32Array.of(0, 1),
    seen: Uint8Array.of(0, 1),
    features: { data: Float64Array.of(0, 0.5, 1, 1.5), shape: [2, 2] },
    box: { data: Int16Array.of(0, 2, 3, 4, 1, 2, 3, 4), shape: [2, 2, 2] },
    images: { data: Uint8Array.of(0, 7, 1, 7), shape: [2, 1, 2, 1] },
    scalar: Float32Array.of(0, 1),
    size: 2,
  });
});

Deno.test("gather() pads in every dimension, and says where", async () => {
  const items = [
    { map: { data: Uint8Array.of(1, 2, 3, 4, 5, 6), shape: [2, 3] } },
    { map: { data: Uint8Array.of(7, 8, 9), shape: [3, 1] } },
  ];
  const batch = await gatherAll(items, { pad: { map: 99 } });
  assertEquals(batch["map"], {
    data: Uint8Array.of(1, 2, 3, 4, 5, 6, 99, 99, 99, 7, 99, 99, 8, 99, 99, 9, 99, 99),
    shape: [2, 3, 3],
  });
  assertEquals(batch["mapMask"], {
    data: Uint8Array.of(1, 1, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0),
    shape: [2, 3, 3],
  });
});

Deno.test("gather() pads arrays of up to four dimensions as plain loops do", async () => {
  const shapes = [[2, 1, 3, 2], [1, 4, 2, 1], [3, 2, 1, 5]];
  const items = shapes.map((shape, i) => ({
    x: {
      data: Float32Array.from(range(shape.reduce((a, b) => a * b)), (at) => 100 * (i + 1) + at),
      shape,
    },
  }));
  const { x, xMask } = await gatherAll(items, { pad: { x: -0.5 } }) as Record<string, ShapedArray>;
  assertEquals(x!.shape, [3, 3, 4, 3, 5]);
  let at = 0;
  for (const [i, [a = 0, b = 0, c = 0, d = 0]] of shapes.entries()) {
    for (const [p, q, r, s] of range(3 * 4 * 3 * 5).map(toPlace)) {
      const isThere = p < a && q < b && r < c && s < d;
      const own = ((p * b + q) * c + r) * d + s;
      assertEquals(x!.data[at], isThere ? 100 * (i + 1) + own : -0.5);
      assertEquals(xMask!.data[at++], Number(isThere));
    }
  }
});

const toPlace = (at: number) =>
  [Math.floor(at / 60), Math.floor(at / 15) % 4, Math.floor(at / 5) % 3, at % 5] as const;

Deno.test("gather() keeps or drops what is left at the end", async () => {
  const sizes = async (options: GatherOptions) =>
    (await collect(gather(3, options)(counting(range(7).map((x) => ({ x })))))).map((
      { size, x },
    ) => [size, [...x]]);
  assertEquals(await sizes({}), [[3, [0, 1, 2]], [3, [3, 4, 5]], [1, [6]]]);
  assertEquals(await sizes({ dropRemainder: true }), [[3, [0, 1, 2]], [3, [3, 4, 5]]]);
});

Deno.test("gather() gives arrays of their own, which fit what they hold", async () => {
  const features = Float32Array.of(1, 2);
  const batches = await collect(gather(2)(counting([{ features }, { features }, { features }])));
  features.fill(9);
  assertEquals(batches.map(({ features: { data } }) => data.buffer.byteLength), [16, 8]);
  assertEquals(batches.map(({ features: { data } }) => [...data]), [[1, 2, 1, 2], [1, 2]]);
});

Deno.test("gather() lets each batch have lengths of its own", async () => {
  const items = [[1, 2], [3, 4], [5], [6]].map((data) => ({ x: Uint8Array.from(data) }));
  const shapes = (await collect(gather(2)(counting(items)))).map(({ x }) => x.shape);
  assertEquals(shapes, [[2, 2], [2, 1]]);
});

Deno.test("gather() goes on after any batch", async () => {
  const all = await assertResumes(() => gather(2, { pad: { tokens: 0 } })(indexed(texts)));
  assertEquals(all.length, 4);
});

const bytes = (...data: number[]) => ({ data: Uint8Array.from(data), shape: [1, data.length] });

/** Items of which the last can't be gathered, the options, and what is said of it. */
const REFUSED: [items: unknown[], options: GatherOptions<string, string>, message: string][] = [
  [
    [{ x: Uint8Array.of(1) }, { x: Uint8Array.of(1, 2) }],
    {},
    "the field x is 2 uint8 where the batch's first is 1 uint8, and no padding is given for it",
  ],
  [
    [{ x: bytes(1) }, { x: bytes(1, 2) }],
    {},
    "the field x is 1 × 2 uint8 where the batch's first is 1 × 1 uint8, and no padding is given for it",
  ],
  [
    [{ x: bytes(1) }, { x: Uint8Array.of(1) }],
    { pad: { x: 0 } },
    "the field x is 1 uint8 where the batch's first is 1 × 1 uint8",
  ],
  [
    [{ x: Uint8Array.of(1) }, { x: Float32Array.of(1) }],
    {},
    "the field x is 1 float32 where the batch's first is 1 uint8",
  ],
  [
    [{ x: Uint8Array.of(1) }, { x: Float32Array.of(1) }],
    { pad: { x: 0 } },
    "the field x is 1 float32 where the batch's first is 1 uint8",
  ],
  [
    [{ x: 1 }, { x: Float32Array.of(1) }],
    {},
    "the field x is 1 float32 where the batch's first is one float32",
  ],
  [[{ x: 1 }, { x: true }], {}, "the field x is one uint8 where the batch's first is one float32"],
  [[{ x: 1 }, { x: 1.5 }], { integers: ["x"] }, "the field x is 1.5, not an integer of 32 bits"],
  [[{ x: 2 ** 31 }], { integers: ["x"] }, "the field x is 2147483648, not an integer of 32 bits"],
  [
    [{ x: Uint8Array.of(1) }],
    { integers: ["x"] },
    "the field x is a value of type object, not an integer of 32 bits",
  ],
  [[{ x: 1 }, { x: 1, y: 2 }], {}, "the fields are x, y where the batch's first has x"],
  [[{ x: 1, y: 2 }, { x: 1 }], {}, "the fields are x where the batch's first has x, y"],
  [[{ x: 1 }, { y: 1 }], {}, "the fields are y where the batch's first has x"],
  [
    [{ x: [1, 2] }],
    {},
    "the field x is an array: it must be a number, a boolean, a typed array, one with its shape, or an image",
  ],
  [[{ x: "1" }], {}, "the field x is a value of type string: it must be a number"],
  [[{ x: undefined }], {}, "the field x is undefined: it must be a number"],
  [[{ x: BigInt64Array.of(1n) }], {}, "the field x is a value of type object: it must be a number"],
  [[{ x: { data: Uint8Array.of(1), shape: [2] } }], {}, "the field x is 2 uint8 and has 1 numbers"],
  [
    [{ x: { data: Uint8Array.of(1), shape: [-1, -1] } }],
    {},
    "the field x is -1 × -1 uint8 and has 1 numbers",
  ],
  [
    [{ x: { data: Uint8Array.of(1), height: 1, width: 1 } }],
    {},
    "the field x is a value of type object: it must be",
  ],
  [[{ x: 1 }], { pad: { x: 0 } }, "the field x, which is to be padded, is one float32"],
  [
    [{ x: Uint8Array.of(1) }],
    { pad: { x: -1 } },
    "the field x is 1 uint8, which can't be padded with -1",
  ],
  [
    [{ x: Int32Array.of(1) }],
    { pad: { x: NaN } },
    "the field x is 1 int32, which can't be padded with NaN",
  ],
  [[{ x: 1 }], { pad: { y: 0 } }, "there is no field y among x"],
  [[{ x: 1 }], { integers: ["y"] }, "there is no field y among x"],
  [[{ x: 1, size: 1 }], {}, "the field size is the batch's own"],
  [[{ x: Uint8Array.of(1), xMask: 1 }], { pad: { x: 0 } }, "the field xMask is the batch's own"],
  [[null], {}, "it isn't a record"],
];

Deno.test("gather() names the item and the field that it cannot gather, and closes its source", async () => {
  for (const [items, options, message] of REFUSED) {
    const source = counting([...items, { x: 1 }]);
    const at = items.length - 1;
    const error = await assertRejects(
      // deno-lint-ignore no-explicit-any
      () => drain((gather(3, options) as any)(source)),
      StageError,
      `Cannot gather item ${at}: ${message}`,
    );
    assertEquals([error.stage, error.position, source.closed], ["gather", at, 1]);
  }
});

Deno.test("gather() pads floats with NaN", async () => {
  const items = [{ x: Float32Array.of(1) }, { x: Float32Array.of() }];
  assertEquals((await gatherAll(items, { pad: { x: NaN } }))["x"], {
    data: Float32Array.of(1, NaN),
    shape: [2, 1],
  });
});

Deno.test("gather() refuses a bad size when it is called", () => {
  for (const bad of [0, 1.5, NaN]) {
    assertThrows(
      () => gather(bad),
      RangeError,
      `Cannot gather by ${bad}: the size must be an integer of at least 1`,
    );
  }
});

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true
  : false;
type ItemOf<S> = S extends AsyncIterable<infer T> ? T : never;
const assertType = <_ extends true>(): void => {};

export function checkTypes(source: AsyncIterable<Text>): unknown {
  const batches = gather(2, { integers: ["label"], pad: { tokens: 0 } })(source);
  type Batch = ItemOf<typeof batches>;
  assertType<Equal<Batch, Gathered<Text, "label", "tokens">>>();
  assertType<Equal<Batch["label"], Int32Array<ArrayBuffer>>>();
  assertType<
    Equal<
      Batch["tokens"],
      ShapedArray<Int32Array<ArrayBuffer>, readonly [size: number, length: number]>
    >
  >();
  assertType<
    Equal<
      Batch["tokensMask"],
      ShapedArray<Uint8Array<ArrayBuffer>, readonly [size: number, length: number]>
    >
  >();
  assertType<Equal<Batch["size"], number>>();
  const plain = gather(2)(source);
  assertType<Equal<ItemOf<typeof plain>["label"], Float32Array<ArrayBuffer>>>();
  // @ts-expect-error There is no mask of what isn't padded.
  type Missing = ItemOf<typeof plain>["tokensMask"];
  // @ts-expect-error There is no such field.
  const unknown = gather(2, { pad: { words: 0 } })(source);
  // @ts-expect-error Arrays are no integers.
  const integers = gather(2, { integers: ["tokens"] })(source);
  // @ts-expect-error Numbers have no length.
  const padded = gather(2, { pad: { label: 0 } })(source);
  // @ts-expect-error Texts can't be gathered.
  const strings = gather(2)(counting([{ x: "a" }]));
  // @ts-expect-error The size is the batch's.
  const sizes = gather(2)(counting([{ size: 2 }]));
  return [unknown, integers, padded, strings, sizes] as Missing | unknown;
}

/** What `gather` makes of images and labels is what a step takes. */
export function checkSteps(...[network, optimizer, state]: [never, never, never]): unknown {
  const images = { data: Uint8Array.of(1), height: 1, width: 1, channels: 1 };
  const batches = pipe(
    counting([1, 2]),
    map((label) => ({ images, labels: label })),
    gather(2, { integers: ["labels"] }),
  );
  type Batch = ItemOf<typeof batches>;
  return (batch: Batch) => trainStep(network, optimizer)(state, batch);
}
