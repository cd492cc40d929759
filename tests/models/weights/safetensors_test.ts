import { assert, assertEquals, assertInstanceOf, assertMatch, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  CheckpointError,
  decodeSafetensors,
  encodeSafetensors,
  type StoredTensor,
  type TensorSelection,
} from "@rill/rill/models";
import references from "../references/safetensors.json" with { type: "json" };
import { getError, getOrThrow, numbers } from "../_helpers.ts";

/** Joins the parts of a file. */
function join(parts: readonly Uint8Array<ArrayBuffer>[]): Uint8Array<ArrayBuffer> {
  const file = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    file.set(part, at);
    at += part.length;
  }
  return file;
}

/** Makes a file with such a header, and so many bytes of data. */
function file(header: unknown, bytes = 0): Uint8Array<ArrayBuffer> {
  const json = typeof header === "string" ? header : JSON.stringify(header);
  const text = new TextEncoder().encode(json);
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(text.length), true);
  return join([length, text, new Uint8Array(bytes)]);
}

const example = (): Uint8Array<ArrayBuffer> =>
  join(encodeSafetensors({
    "conv.0.weight": { shape: [2, 1, 2, 2], data: numbers(8) },
    "conv.0.bias": { shape: [2], data: numbers(2) },
    scalar: { shape: [], data: numbers(1) },
  }, { step: "12", model: "alexnet" }));

const tensors: fc.Arbitrary<Record<string, StoredTensor>> = fc.dictionary(
  fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constantFrom("__proto__", "constructor", "0", "größe", "a/b.c", ""),
  ),
  fc.array(fc.nat(4), { maxLength: 4 }).chain((shape) => {
    const count = shape.reduce((a, b) => a * b, 1);
    return fc.float32Array({ minLength: count, maxLength: count })
      .map((data) => ({ shape, data: data as Float32Array<ArrayBuffer> }));
  }),
  { noNullPrototype: true },
).filter((record) => !Object.hasOwn(record, "__metadata__"));

Deno.test("safetensors come back as they were", () => {
  const text = fc.string({ unit: "binary" });
  const metadata = fc.dictionary(text, text, { noNullPrototype: true });
  fc.assert(fc.property(tensors, metadata, fc.nat(3), (tensors, metadata, offset) => {
    const parts = encodeSafetensors(tensors, metadata);
    assertEquals(parts[0]!.length % 8, 0);
    const whole = join([new Uint8Array(offset), ...parts]);
    // From any address, so with any alignment.
    const decoded = getOrThrow(decodeSafetensors(whole.subarray(offset)));
    assertEquals(Object.entries(decoded.metadata).sort(), Object.entries(metadata).sort());
    assertEquals(Object.keys(decoded.tensors).sort(), Object.keys(tensors).sort());
    for (const [name, { shape, data }] of Object.entries(tensors)) {
      const actual = Object.getOwnPropertyDescriptor(decoded.tensors, name)!.value as StoredTensor;
      assertEquals(actual.shape, shape);
      assert(data.every((value, i) => Object.is(value, actual.data[i])), name);
    }
  }));
});

Deno.test("encodeSafetensors copies nothing, and decodeSafetensors nothing that is aligned", () => {
  const weight = { shape: [3], data: numbers(5).subarray(1, 4) };
  const [header, data] = encodeSafetensors({ weight });
  assert(header && data && data.buffer === weight.data.buffer);
  assertEquals([data.byteOffset, data.byteLength], [4, 12]);
  const whole = join([header, data]);
  const decoded = getOrThrow(decodeSafetensors(whole)).tensors.weight;
  assert(decoded && decoded.data.buffer === whole.buffer);
  assertEquals(decoded.data, weight.data);
});

Deno.test("encodeSafetensors refuses what it can't write", () => {
  const data = numbers(5);
  assertThrows(
    () => encodeSafetensors({ weight: { shape: [2, 3], data } }),
    RangeError,
    "Cannot write safetensors as tensor weight has 5 elements: its shape is [2,3]",
  );
  assertThrows(() => encodeSafetensors({ __metadata__: { shape: [5], data } }), RangeError);
  const empty = new Float32Array();
  // Each makes a header that the reference refuses.
  for (const shape of [[-1, -5], [2.5, 2], [2 ** 32, 2 ** 32, 0], [0, 2 ** 53], [0, -1]]) {
    const data = numbers(Math.abs(shape.reduce((a, b) => a * b, 1)));
    assertThrows(() => encodeSafetensors({ w: { shape, data } }), RangeError, "its shape is");
  }
  assertEquals(encodeSafetensors({ w: { shape: [2 ** 30, 2 ** 30, 0], data: empty } }).length, 2);
  assertThrows(
    () => encodeSafetensors({ "a\ud800": { shape: [0], data: empty } }),
    RangeError,
    'Cannot write safetensors with a tensor called "a\\ud800" as it has half of a surrogate pair',
  );
  for (const metadata of [{ "\udc00": "" }, { a: "\ud800" }]) {
    assertThrows(() => encodeSafetensors({}, metadata), RangeError, "half of a surrogate pair");
  }
  const count = { step: 1 } as unknown as Record<string, string>;
  assertThrows(() => encodeSafetensors({}, count), RangeError, 'metadata named "step"');
});

Deno.test("decodeSafetensors reads a file that Python wrote, of every type", async () => {
  const path = new URL("../references/python.safetensors", import.meta.url);
  const { tensors, metadata } = getOrThrow(decodeSafetensors(await Deno.readFile(path)));
  assertEquals(metadata, { format: "pt" });
  const read = Object.entries(tensors).map(([name, { shape, data }]) => [name, shape, [...data]]);
  const f = Math.fround;
  assertEquals(read, [
    ["wide", [2, 3], [1.5, -2, 0, 65504, f(6e-8), Infinity]],
    ["plain", [6], [1.5, -2, 0, 65504, f(6e-8), Infinity]],
    ["scalar", [], [7.25]],
    ["half", [3, 2], [1.5, -2, 0, 65504, 2 ** -24, Infinity]],
    // bfloat16 has 8 bits of precision: the lower half of each binary32 is cut off.
    ["brain", [1, 6], [1.5, -2, 0, 65280, 2 ** -24, Infinity]],
    ["empty", [0, 4], []],
    ["__proto__", [1], [-0.5]],
  ]);
  assert(Object.getPrototypeOf(tensors) === Object.prototype);
});

Deno.test("decodeSafetensors says where a file ends too early", () => {
  const whole = example();
  const header = 8 + Number(new DataView(whole.buffer).getBigUint64(0, true));
  for (let length = 0; length < whole.length; length++) {
    const error = getError(decodeSafetensors(whole.subarray(0, length)));
    assertInstanceOf(error, CheckpointError);
    const promised = length < 8 ? 8 : length < header ? header : whole.length;
    assertEquals(
      error.message,
      `Cannot read safetensors as the file ends after ${length} of ${promised} bytes`,
    );
  }
});

Deno.test("decodeSafetensors reads tensors that the header names in another order", () => {
  const b = { dtype: "F32", shape: [1], data_offsets: [4, 8] };
  const a = { dtype: "F32", shape: [1], data_offsets: [0, 4] };
  assertEquals(Object.keys(getOrThrow(decodeSafetensors(file({ b, a }, 8))).tensors), ["a", "b"]);
});

Deno.test("decodeSafetensors names what is wrong with which tensor", () => {
  const entry = { dtype: "F32", shape: [2], data_offsets: [0, 8] };
  const cases: [bytes: Uint8Array<ArrayBuffer>, found: string][] = [
    [new Uint8Array(8).fill(255), "the header promises to be 18446744073709551615 bytes long"],
    [file("{"), "the header is not JSON"],
    [file('"text"'), "the header is not a JSON object"],
    [file("[]"), "the header is not a JSON object"],
    [file("null"), "the header is not a JSON object"],
    [join([file({}).subarray(0, 8), Uint8Array.of(0xFF, 0xFF)]), "the header is not UTF-8"],
    [file("{'w':1}"), "the header is not JSON: invalid symbol at character 1"],
    [file({ __metadata__: { step: 1 } }), "__metadata__ is not an object of strings"],
    [file('{"__metadata__":{},"__metadata__":{}}'), "the header has __metadata__ twice"],
    [file({ w: 1 }), "the header's entry for tensor w is not an object"],
    [file({ w: { ...entry, dtype: "C64" } }, 8), 'tensor w is of type "C64": the types read are'],
    [file({ w: { ...entry, dtype: "toString" } }, 8), "tensor w is of type"],
    [
      file({ w: { ...entry, dtype: undefined } }, 8),
      "the header's entry for tensor w lacks dtype",
    ],
    [
      file('{"w":{"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]}}', 8),
      "the header's entry for tensor w has dtype twice",
    ],
    [
      file('{"w":{"dtype":"F32","shape":[2],"data_offsets":[0.0,8]}}', 8),
      "tensor w has invalid offsets, [0.0,8]",
    ],
    [
      file('{"w":{"dtype":"F32","shape":[2e0],"data_offsets":[0,8]}}', 8),
      "tensor w has an invalid shape, [2e0]",
    ],
    [file('{"\\ud800":1}'), "the header's string at character 1 has half a surrogate pair"],
    [file('{"w":[1e999]}'), "the header's number at character 6 is out of range"],
    [file("[".repeat(1e6)), "the header is nested over 127 deep"],
    [file({ w: { ...entry, shape: [-2] } }, 8), "tensor w has an invalid shape, [-2]"],
    [file({ w: { ...entry, shape: [1.5] } }, 8), "tensor w has an invalid shape, [1.5]"],
    [file({ w: { ...entry, shape: "2" } }, 8), 'tensor w has an invalid shape, "2"'],
    [
      file({ w: { ...entry, shape: [2 ** 52, 2 ** 52] } }, 8),
      "tensor w has a shape too large to count",
    ],
    [file({ w: { ...entry, data_offsets: [0] } }, 8), "tensor w has invalid offsets, [0]"],
    [file({ w: { ...entry, data_offsets: [8, 0] } }, 8), "tensor w has invalid offsets, [8,0]"],
    [
      file({ w: { ...entry, shape: [3] } }, 8),
      "tensor w has 8 bytes of data: [3] of F32 is 12",
    ],
    [
      file({ w: { ...entry, data_offsets: [4, 12] } }, 12),
      "tensor w begins at byte 4 of the data: the one before ends at 0",
    ],
    [
      file({ v: entry, w: { ...entry, data_offsets: [4, 12] } }, 12),
      "tensor w begins at byte 4 of the data: the one before ends at 8",
    ],
    [file({ w: entry }, 9), "1 bytes at the end of the file belong to no tensor"],
  ];
  for (const [bytes, found] of cases) {
    const { message } = getError(decodeSafetensors(bytes));
    assert(message.startsWith(`Cannot read safetensors as ${found}`), `${message}; not ${found}`);
  }
});

/** A header as Latin-1, the number of bytes behind it, and what the reference finds there. */
type Reference = [
  header: string,
  size: number,
  contents: null | {
    readonly metadata: Record<string, string>;
    readonly tensors: Record<string, [type: string, shape: number[]]>;
  },
];

Deno.test("decodeSafetensors loads and refuses what the reference does", () => {
  const integers = ["I64", "I32", "I16", "I8", "U64", "U32", "U16", "U8"];
  const types = ["F32", "F64", "F16", "BF16", ...integers, "BOOL"];
  for (const [header, size, contents] of references as unknown as Reference[]) {
    const text = Uint8Array.from(header, (character) => character.charCodeAt(0));
    const length = new Uint8Array(new BigUint64Array([BigInt(text.length)]).buffer);
    const result = decodeSafetensors(join([length, text, new Uint8Array(size)]));
    const shown = `${JSON.stringify(header)} and ${size}`;
    const found = Object.entries(contents?.tensors ?? {});
    // Two kinds are loaded by the reference alone.
    const isForeign = found.some(([, [type]]) => !types.includes(type));
    const isLong = found.some(([, [, shape]]) => shape.some((length) => length >= 2 ** 53));
    if (!contents || isForeign || isLong) {
      assert(result._tag === "Left", shown);
      const { message } = result.left;
      if (isForeign) assertMatch(message, / is of type ".*": the types read are F32, F64/);
      if (isLong) assertMatch(message, / has an invalid shape, /);
      continue;
    }
    assert(result._tag === "Right", shown);
    const { metadata, tensors } = result.right;
    const sortNames = <T>(entries: [string, T][]) => entries.sort(([a], [b]) => a < b ? -1 : 1);
    assertEquals(
      sortNames(Object.entries(tensors).map(([name, { shape }]) => [name, shape])),
      sortNames(found.map(([name, [, shape]]) => [name, shape])),
      shown,
    );
    assertEquals(sortNames(Object.entries(metadata)), sortNames(Object.entries(contents.metadata)));
  }
});

Deno.test("decodeSafetensors takes any JSON that JSON.parse takes in a field that nothing asks for", () => {
  const entry = '"dtype":"F32","shape":[1],"data_offsets":[0,4]';
  const json = fc.json({ depthSize: "medium", stringUnit: "binary" });
  const changes = fc.array(
    fc.tuple(fc.nat(), fc.constantFrom(...' \n\t\f\u00a0\ufeff"\\{}[]:,0.eE-+/*', "")),
    { maxLength: 2 },
  );
  fc.assert(
    fc.property(json, changes, fc.string(), (json, changes, extra) => {
      let text = json;
      for (const [at, character] of changes) {
        const to = at % (text.length + 1);
        text = text.slice(0, to) + character + text.slice(to + at % 2);
      }
      // The half of a pair that a change has left can't be in a file.
      if (!text.isWellFormed()) return;
      const name = JSON.stringify(`x${extra}`);
      const header = `{"w":{${entry},${name}:${text}}}`;
      let expected = true;
      try {
        const value = JSON.parse(text);
        // Beyond JSON, the reference wants whole characters and finite numbers.
        JSON.stringify(value, (key, value) => {
          const strings = [key, value].filter((item) => typeof item === "string");
          if (value === Infinity || value === -Infinity) expected = false;
          if (!strings.every((item: string) => item.isWellFormed())) expected = false;
          return value;
        });
      } catch {
        // Text that isn't JSON by itself can still be so in its place.
        try {
          JSON.parse(header);
          return;
        } catch {
          expected = false;
        }
      }
      assertEquals(decodeSafetensors(file(header, 4))._tag, expected ? "Right" : "Left", header);
    }),
    { numRuns: 3000 },
  );
});

Deno.test("decodeSafetensors says what a file of another kind is", () => {
  const encode = (text: string) => new TextEncoder().encode(text);
  const notSafetensors = "it is not a safetensors file: ";
  const cases: [bytes: Uint8Array<ArrayBuffer>, found: string][] = [
    [
      encode("# A heading\n\nand text."),
      `${notSafetensors}it begins with neither a header's length`,
    ],
    [encode("PK\x03\x04\0\0\b\b\0\0"), "it is a zip archive, as torch.save writes"],
    [encode("\x93NUMPY\x01\0v\0{'descr': '<f4'"), `${notSafetensors}it begins with neither`],
    [encode("\x00\x10\0\0\0\0\0\0text"), `${notSafetensors}no header follows the first 8 bytes`],
    [new Uint8Array(1000), `${notSafetensors}its header has no bytes`],
    [new Uint8Array(), "the file ends after 0 of 8 bytes"],
  ];
  for (const [bytes, found] of cases) {
    const { message } = getError(decodeSafetensors(bytes));
    assert(message.startsWith(`Cannot read safetensors as ${found}`), message);
  }
});

Deno.test("the messages of decodeSafetensors show no more of a file than fits a line", () => {
  const entry = { dtype: "F32", shape: [2], data_offsets: [0, 8] };
  const long = "x".repeat(1e5);
  const headers = [
    { [long]: { ...entry, dtype: long } },
    { [long]: { ...entry, shape: Array(1e5).fill(7) } },
    { [long]: { ...entry, data_offsets: Array(1e5).fill([["x"]]) } },
    { [long]: { ...entry, data_offsets: [1, 9] } },
    { [long]: 1 },
  ];
  for (const header of headers) {
    const { message } = getError(decodeSafetensors(file(header, 8)));
    assert(message.length < 400 && message.includes("…"), `${message.length} characters`);
  }
});

Deno.test("decodeSafetensors survives any change of a few bytes", () => {
  const original = example();
  const changes = fc.array(fc.tuple(fc.nat(original.length - 1), fc.nat(255)), { minLength: 1 });
  fc.assert(
    fc.property(changes, (changes) => {
      const bytes = original.slice();
      for (const [at, value] of changes) bytes[at] = value;
      const result = decodeSafetensors(bytes);
      if (result._tag === "Left") return assertInstanceOf(result.left, CheckpointError);
      for (const { shape, data } of Object.values(result.right.tensors)) {
        assertEquals(shape.reduce((a, b) => a * b, 1), data.length);
      }
    }),
    { numRuns: 1000 },
  );
});

Deno.test("decodeSafetensors survives any bytes", () => {
  fc.assert(fc.property(fc.uint8Array(), fc.json(), (bytes, json) => {
    for (const input of [Uint8Array.from(bytes), file(json, bytes.length)]) {
      const result = decodeSafetensors(input);
      if (result._tag === "Left") assertInstanceOf(result.left, CheckpointError);
    }
  }));
});

/** Makes a file of one tensor, of one dimension. */
const single = (dtype: string, data: ArrayBufferView<ArrayBuffer>, count: number) => {
  const header = file({ w: { dtype, shape: [count], data_offsets: [0, data.byteLength] } });
  return join([header, new Uint8Array(data.buffer, data.byteOffset, data.byteLength)]);
};

Deno.test("decodeSafetensors reads integers and BOOL, each as the nearest number", () => {
  const max = 2n ** 63n - 1n;
  // Rounded to a double first, the last two would come to lie between two of binary32.
  const wide = [0n, -1n, 2n ** 24n + 1n, max, -max - 1n, 2n ** 61n + 2n ** 37n + 1n];
  wide.push(-(2n ** 61n) - 2n ** 37n - 1n);
  const rounded = [0, -1, 2 ** 24, 2 ** 63, -(2 ** 63), 2 ** 61 + 2 ** 38, -(2 ** 61) - 2 ** 38];
  const unsigned = [0n, 2n ** 64n - 1n, 2n ** 63n + 2n ** 39n, 2n ** 63n + 2n ** 39n + 1n];
  const cases: [type: string, data: ArrayBufferView<ArrayBuffer>, numbers: number[]][] = [
    ["I64", BigInt64Array.from(wide), rounded],
    ["U64", BigUint64Array.from(unsigned), [0, 2 ** 64, 2 ** 63, 2 ** 63 + 2 ** 40]],
    ["I32", Int32Array.of(-(2 ** 31), 2 ** 31 - 1, 7), [-(2 ** 31), 2 ** 31, 7]],
    ["U32", Uint32Array.of(2 ** 32 - 1, 2 ** 24 + 1), [2 ** 32, 2 ** 24]],
    ["I16", Int16Array.of(-(2 ** 15), 2 ** 15 - 1), [-(2 ** 15), 2 ** 15 - 1]],
    ["U16", Uint16Array.of(2 ** 16 - 1, 1), [2 ** 16 - 1, 1]],
    ["I8", Int8Array.of(-128, 127), [-128, 127]],
    ["U8", Uint8Array.of(255, 0), [255, 0]],
    ["BOOL", Uint8Array.of(0, 1, 255), [0, 1, 1]],
    ["F64", Float64Array.of(1 + 2 ** -24, 1e300, -1e-320), [1, Infinity, -0]],
  ];
  for (const [type, data, numbers] of cases) {
    const { w } = getOrThrow(decodeSafetensors(single(type, data, numbers.length))).tensors;
    assertEquals([type, ...w!.data], [type, ...numbers]);
  }
});

Deno.test("decodeSafetensors gives the tensors that are wanted, and checks the others' header", () => {
  const whole = example();
  const read = (only: TensorSelection) => decodeSafetensors(whole, { only });
  const names = (only: TensorSelection) => Object.keys(getOrThrow(read(only)).tensors);
  assertEquals(names((name) => name.endsWith("bias")), ["conv.0.bias"]);
  assertEquals(names(() => false), []);
  assertEquals(names(["scalar", "conv.0.bias"]), ["conv.0.bias", "scalar"]);
  assertEquals(names(["conv"]), ["conv.0.weight", "conv.0.bias"]);
  assertEquals(names(["conv.0", "conv.0.bias"]), ["conv.0.weight", "conv.0.bias"]);
  assertEquals(names([]), []);
  assertEquals(getOrThrow(read(["scalar"])).metadata, { step: "12", model: "alexnet" });
  for (const only of [["con"], ["conv."], ["scalar", "con"], ["conv.0.weight.x"]]) {
    assertEquals(
      getError(read(only)).message,
      `Cannot read safetensors as no tensor or module in it is called ${only.at(-1)}`,
    );
  }
  const cut = decodeSafetensors(whole.subarray(0, -1), { only: ["conv.0.weight"] });
  assert(getError(cut).message.includes("the file ends after"));
});
