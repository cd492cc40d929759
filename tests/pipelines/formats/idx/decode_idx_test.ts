import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import fc from "fast-check";
import { collect, decodeIdx, drain, type IdxArray, IdxError, take } from "@rill/rill/pipelines";
import { counting, cut, encodeIdx, idxHeader, range, testStage } from "../../_helpers.ts";
import { getOnly } from "../../_get_only.ts";

const pairs: IdxArray<"uint8"> = {
  type: "uint8",
  shape: [5, 2],
  data: Uint8Array.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 255),
};

/** The items that a file is to be decoded into. */
function itemsOf(file: IdxArray): IdxArray[] {
  const [count = 1, ...shape] = file.shape;
  const size = shape.reduce((a, b) => a * b, 1);
  return range(count).map((i) => {
    const data = file.data.slice(i * size, (i + 1) * size);
    return { type: file.type, shape, data } as IdxArray;
  });
}

testStage<Uint8Array, IdxArray>({
  name: "decodeIdx()",
  stage: decodeIdx(),
  input: [...cut(encodeIdx(pairs), [12, 3])],
  output: itemsOf(pairs),
  // The header's chunk, and of the others as many as the items lie in.
  pulled: (given) => 1 + Math.ceil(2 * given / 3),
  refusesNothing: true,
});

const kinds = [
  ["uint8", Uint8Array],
  ["int8", Int8Array],
  ["int16", Int16Array],
  ["int32", Int32Array],
  ["float32", Float32Array],
  ["float64", Float64Array],
] as const;

const file = fc.tuple(
  fc.constantFrom(...kinds),
  fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 5 }),
)
  .chain(([[type, Numbers], shape]) => {
    const length = shape.reduce((a, b) => a * b, 1);
    const size = length * Numbers.BYTES_PER_ELEMENT;
    return fc.uint8Array({ minLength: size, maxLength: size }).map((bytes) => {
      const data = new Numbers(new Uint8Array(bytes).buffer);
      // The many kinds of NaN are one to the language, and to Rill.
      data.forEach((x, i) => data[i] = Number.isNaN(x) ? NaN : x);
      return { type, shape, data } as IdxArray;
    });
  });

const chunkSizes = fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 6 })
  .filter((sizes) => sizes.some((size) => size > 0));

Deno.test("decodeIdx() gives back what was encoded, however it is cut", async () => {
  await fc.assert(
    fc.asyncProperty(file, chunkSizes, async (file, sizes) => {
      const items = await collect(decodeIdx()(counting(cut(encodeIdx(file), sizes))));
      assertEquals(items, itemsOf(file));
    }),
    { numRuns: 300 },
  );
});

Deno.test("decodeIdx() reads numbers as the format has them", async () => {
  const read = async (code: number, ...bytes: number[]) => {
    const { type, shape, data } = getOnly(
      await collect(decodeIdx()(counting([idxHeader(code, 1), Uint8Array.from(bytes)]))),
    );
    assertEquals(shape, []);
    return [type, data[0]];
  };
  assertEquals(await read(0x08, 0xfe), ["uint8", 254]);
  assertEquals(await read(0x09, 0xfe), ["int8", -2]);
  assertEquals(await read(0x0b, 0x80, 0x01), ["int16", -32767]);
  assertEquals(await read(0x0c, 0x01, 0x02, 0x03, 0x04), ["int32", 0x01020304]);
  assertEquals(await read(0x0d, 0x3f, 0xc0, 0, 0), ["float32", 1.5]);
  assertEquals(await read(0x0e, 0xc0, 0x04, 0, 0, 0, 0, 0, 0), ["float64", -2.5]);
});

Deno.test("decodeIdx() gives one item of a file without dimensions", async () => {
  const single: IdxArray = { type: "int16", shape: [], data: Int16Array.of(-7) };
  assertEquals(await collect(decodeIdx()(counting([encodeIdx(single)]))), [single]);
});

Deno.test("decodeIdx() gives nothing of a file without items", async () => {
  for (const shape of [[0], [0, 28, 28], [0, 0]]) {
    assertEquals(await collect(decodeIdx()(counting([idxHeader(0x08, ...shape)]))), []);
  }
});

Deno.test("decodeIdx() reads a header of 255 dimensions", async () => {
  const deep: IdxArray = { type: "uint8", shape: Array(255).fill(1), data: Uint8Array.of(7) };
  for (const sizes of [[2000], [1], [1023, 1]]) {
    const item = getOnly(await collect(decodeIdx()(counting(cut(encodeIdx(deep), sizes)))));
    assertEquals([item.shape.length, item.data], [254, Uint8Array.of(7)]);
  }
});

Deno.test("decodeIdx() gives items that share no memory with chunks", async () => {
  // As a reader does that fills the same buffer again and again, here one of shared memory.
  async function* source() {
    const buffer = new Uint8Array(new SharedArrayBuffer(5));
    for (const chunk of cut(encodeIdx(pairs), [5])) {
      buffer.set(chunk);
      yield buffer.subarray(0, chunk.length);
    }
  }
  const items = await collect(decodeIdx()(source()));
  assertEquals(items, itemsOf(pairs));
  for (const { data } of items) {
    assert(data.buffer instanceof ArrayBuffer);
    assertEquals(data.buffer.byteLength, 2);
  }
});

/** Decodes chunks to the end, which is to be an error. */
async function failure(...chunks: Uint8Array[]): Promise<IdxError> {
  const source = counting(chunks);
  const error = await assertRejects(() => drain(decodeIdx()(source)), IdxError);
  assertEquals(error.name, "IdxError");
  return error;
}

const facts = ({ message, position, items, promised }: IdxError) => ({
  message,
  position,
  items,
  promised,
});

Deno.test("decodeIdx() refuses a stream that ends before its items do", async () => {
  const bytes = encodeIdx(pairs);
  for (const [end, items] of [[12, 0], [13, 0], [14, 1], [21, 4]] as const) {
    assertEquals(facts(await failure(...cut(bytes.slice(0, end), [5]))), {
      message:
        `Cannot decode IDX stream as the header promises 5 items: the stream ended after ${items}`,
      position: end,
      items,
      promised: 5,
    });
  }
});

Deno.test("decodeIdx() gives the items before the end that comes too early", async () => {
  const items = decodeIdx()(counting([encodeIdx(pairs).slice(0, 17)]));
  assertEquals(await collect(take(2)(items)), itemsOf(pairs).slice(0, 2));
});

Deno.test("decodeIdx() refuses a stream that goes on after its items", async () => {
  const bytes = encodeIdx(pairs);
  const extra = Uint8Array.of(0);
  const expected = {
    message:
      "Cannot decode IDX stream as the header promises 5 items: the stream goes on after them",
    position: bytes.length,
    items: 5,
    promised: 5,
  };
  assertEquals(facts(await failure(bytes, extra)), expected);
  assertEquals(facts(await failure(Uint8Array.of(...bytes, 0))), expected);
  assertEquals(
    (await failure(idxHeader(0x08, 0), extra)).message,
    "Cannot decode IDX stream as the header promises 0 items: the stream goes on after them",
  );
  assertEquals(
    (await failure(idxHeader(0x08), extra, extra)).message,
    "Cannot decode IDX stream as the header promises 1 item: the stream goes on after it",
  );
  // Nothing after them is nothing, in however many chunks.
  await drain(decodeIdx()(counting([bytes, new Uint8Array(), new Uint8Array()])));
});

Deno.test("decodeIdx() refuses a stream that ends within its header", async () => {
  const header = idxHeader(0x08, 3, 3);
  for (const end of range(header.length)) {
    assertEquals(facts(await failure(...cut(header.slice(0, end), [3]))), {
      message: `Cannot decode IDX stream as its header is not complete: the stream ended after ${
        end === 1 ? "1 byte" : `${end} bytes`
      }`,
      position: end,
      items: 0,
      promised: undefined,
    });
  }
});

Deno.test("decodeIdx() refuses what does not begin as IDX does", async () => {
  const gzip = Uint8Array.of(0x1f, 0x8b, 8, 0);
  assertEquals(facts(await failure(gzip)), {
    message: "Cannot decode IDX stream as it does not begin with two zero bytes: byte 0 is 0x1f",
    position: 0,
    items: 0,
    promised: undefined,
  });
  assertEquals((await failure(Uint8Array.of(0), Uint8Array.of(5))).position, 1);
});

Deno.test("decodeIdx() refuses a type that it does not know", async () => {
  for (const code of [0, 0x07, 0x0a, 0x0f, 0xff]) {
    const { message, position } = await failure(Uint8Array.of(0, 0, code));
    const hex = code.toString(16).padStart(2, "0");
    assertEquals(message, `Cannot decode IDX stream as its type code is unknown: 0x${hex}`);
    assertEquals(position, 2);
  }
});

Deno.test("decodeIdx() refuses items that are too large, without room for them", async () => {
  const most = 2 ** 32 - 1;
  for (
    const shape of [
      [1, 2 ** 31],
      [0, most, most],
      [most, most, most, most],
      [1, ...Array(254).fill(most)], // More than a double can count.
    ]
  ) {
    const { message, position, promised } = await failure(idxHeader(0x08, ...shape));
    assertEquals(
      message,
      "Cannot decode IDX stream as an item may have 2147483647 bytes: " +
        `the header's shape [${shape.join(", ")}] gives it more`,
    );
    assertEquals([position, promised], [4 + 4 * shape.length, shape[0]]);
  }
  // Eight bytes a number.
  assertEquals((await failure(idxHeader(0x0e, 1, 2 ** 28))).items, 0);
});

Deno.test("decodeIdx() refuses items larger than its own limit", async () => {
  const bytes = encodeIdx(pairs);
  assertEquals(await collect(decodeIdx({ maxItemSize: 2 })(counting([bytes]))), itemsOf(pairs));
  await assertRejects(
    () => drain(decodeIdx({ maxItemSize: 1 })(counting([bytes]))),
    IdxError,
    "an item may have 1 byte: the header's shape [5, 2] gives it more",
  );
});

Deno.test("decodeIdx() believes no header that promises billions of items", async () => {
  const { message } = await failure(idxHeader(0x08, 2 ** 31, 28, 28), new Uint8Array(784));
  assertEquals(
    message,
    "Cannot decode IDX stream as the header promises 2147483648 items: the stream ended after 1",
  );
});

Deno.test("decodeIdx() refuses items of no bytes, of which there could be any number", async () => {
  const most = 2 ** 32 - 1;
  for (const shape of [[most, 0], [1, 0, 5], [3, most, most, 0], [3, ...Array(99).fill(most), 0]]) {
    const { message } = await failure(idxHeader(0x0d, ...shape));
    assertEquals(
      message,
      `Cannot decode IDX stream as its items have no bytes: the header's shape is [${
        shape.join(", ")
      }]`,
    );
  }
});

Deno.test("decodeIdx() closes its source when it refuses it", async () => {
  const source = counting([Uint8Array.of(1), Uint8Array.of(2)]);
  await assertRejects(() => drain(decodeIdx()(source)), IdxError);
  assertEquals([source.pulled, source.closed], [1, 1]);
});

Deno.test("decodeIdx() refuses an invalid limit", () => {
  for (const maxItemSize of [0, -1, 1.5, NaN, 2 ** 31]) {
    assertThrows(
      () => decodeIdx({ maxItemSize }),
      RangeError,
      `Cannot decode IDX items of up to ${maxItemSize} bytes: ` +
        "the maximum must be an integer from 1 to 2147483647",
    );
  }
});
