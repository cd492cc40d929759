import { assert, assertEquals, assertInstanceOf, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import {
  CheckpointError,
  decodePth,
  type DecodePthOptions,
  decodeSafetensors,
  encodeSafetensors,
} from "@rill/rill/models";
import { repairZip } from "../../../tasks/_fuzz/repair.ts";
import references from "../references/pth.json" with { type: "json" };
import { getError, getOrThrow } from "../_helpers.ts";

/** A file in base64, and what PyTorch finds in it, or what is wrong with it. Numbers that JSON hasn't are text. */
interface Case {
  readonly name: string;
  readonly file: string;
  readonly tensors?: Record<string, [shape: number[], numbers: (number | string)[]]>;
  readonly metadata?: Record<string, string>;
  readonly error?: string;
}

const cases = references as unknown as readonly Case[];

const decodeBase64 = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(text), (character) => character.charCodeAt(0));

const getFile = (name: string): Uint8Array<ArrayBuffer> =>
  decodeBase64(cases.find((one) => one.name === name)!.file);

const toNumber = (number: number | string): number =>
  typeof number === "number" ? number : { inf: Infinity, "-inf": -Infinity }[number] ?? NaN;

for (const { name, file, tensors, metadata, error } of cases) {
  if (tensors) {
    Deno.test(`decodePth reads what torch.load does: ${name}`, async () => {
      const decoded = getOrThrow(await decodePth(decodeBase64(file)));
      const actual = Object.entries(decoded.tensors);
      assertEquals(actual.map(([name]) => name).sort(), Object.keys(tensors).sort());
      for (const [name, { shape, data }] of actual) {
        const [expectedShape, numbers] = Object.getOwnPropertyDescriptor(tensors, name)!.value;
        assertEquals([name, shape, [...data]], [name, expectedShape, numbers.map(toNumber)]);
      }
      assertEquals(decoded.metadata, metadata);
    });
  } else {
    Deno.test(`decodePth refuses by name: ${name}`, async () => {
      const { message } = getError(await decodePth(decodeBase64(file), { source: "x.pth" }));
      assert(message.startsWith("Cannot read x.pth as "), message);
      assert(message.includes(error!), `${message}; not ${error}`);
      assert(message.length < 400 && !message.includes("\n"), message);
    });
  }
}

Deno.test("decodePth reads the dictionary that is named, and the tensors that are wanted", async () => {
  const bytes = getFile("two state_dicts");
  const read = async (options: DecodePthOptions) => getOrThrow(await decodePth(bytes, options));
  const refuse = async (options?: DecodePthOptions) =>
    getError(await decodePth(bytes, options)).message;
  const { tensors, metadata } = await read({ key: "model_ema" });
  assertEquals(Object.keys(tensors), ["fc.weight", "fc.bias"]);
  assertEquals([...tensors["fc.bias"]!.data], [5, 6]);
  assertEquals(metadata, { epoch: "3" });
  assertEquals([...(await read({ key: "model" })).tensors["fc.bias"]!.data], [1, 2]);
  const only = await read({ key: "model", only: ["fc.bias"] });
  assertEquals(Object.keys(only.tensors), ["fc.bias"]);
  assertEquals(
    Object.keys((await read({ key: "model", only: ["fc"] })).tensors),
    Object.keys(tensors),
  );
  assertEquals(
    await refuse(),
    "Cannot read PyTorch file as 2 dictionaries in it have tensors: choose one of model, model_ema with the option key",
  );
  assertEquals(
    await refuse({ key: "epoch", source: "x.pt" }),
    "Cannot read x.pt as it has no dictionary called epoch: it holds epoch, model, model_ema",
  );
  assertEquals(
    await refuse({ key: "model", only: ["head"] }),
    "Cannot read PyTorch file as no tensor or module in it is called head",
  );
});

Deno.test("decodePth reads no storage of a tensor that isn't wanted", async () => {
  // Its storage is damaged.
  const bytes = getFile("a changed number");
  const { tensors } = getOrThrow(await decodePth(bytes, { only: () => false }));
  assertEquals(tensors, {});
});

Deno.test("decodePth shares memory where tensors lie in one piece", async () => {
  const bytes = getFile("views");
  const { tensors } = getOrThrow(await decodePth(bytes));
  assert(tensors["base"]!.data.buffer === bytes.buffer);
  assert(tensors["row"]!.data.buffer === bytes.buffer);
  assert(tensors["transposed"]!.data.buffer !== bytes.buffer);
  // From any address, so with any alignment.
  const moved = new Uint8Array(bytes.length + 1);
  moved.set(bytes, 1);
  assertEquals(getOrThrow(await decodePth(moved.subarray(1))).tensors, tensors);
});

Deno.test("decodePth says what a file of another kind is", async () => {
  const encode = (text: string) => new TextEncoder().encode(text);
  const safetensors = encodeSafetensors({ w: { shape: [], data: new Float32Array(1) } });
  const cases: [bytes: Uint8Array<ArrayBuffer>, found: string][] = [
    [
      await new Blob(safetensors).bytes(),
      "it is a safetensors file: decodeSafetensors reads those",
    ],
    [encode("\x93NUMPY"), "it is not a PyTorch file: it doesn't begin as a zip archive does"],
    [new Uint8Array(), "it is not a PyTorch file"],
    [encode("PK\x03\x04"), "its zip archive is damaged: "],
  ];
  for (const [bytes, found] of cases) {
    const { message } = getError(await decodePth(bytes));
    assert(message.startsWith(`Cannot read PyTorch file as ${found}`), message);
  }
  const { message } = getError(decodeSafetensors(getFile("views")));
  assert(message.endsWith("decodePth reads those"), message);
});

Deno.test("decodePth refuses a file that ends too early, wherever it does", async () => {
  const bytes = getFile("by hand");
  for (let length = 0; length < bytes.length; length++) {
    assertInstanceOf(getError(await decodePth(bytes.slice(0, length))), CheckpointError);
  }
});

Deno.test("decodePth survives any change of a few bytes, with checksums that are right", async () => {
  const files = ["by hand", "every type", "a checkpoint", "protocol 4"].map(getFile);
  const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...files),
      changes,
      fc.boolean(),
      async (file, changes, fix) => {
        const bytes = file.slice();
        for (const [at, value] of changes) bytes[at % bytes.length] = value;
        if (fix) repairZip(bytes);
        const result = await decodePth(bytes);
        if (result._tag === "Left") return assertInstanceOf(result.left, CheckpointError);
        for (const { shape, data } of Object.values(result.right.tensors)) {
          assertEquals(shape.reduce((a, b) => a * b, 1), data.length);
        }
      },
    ),
    { numRuns: 1500 },
  );
});

Deno.test("decodePth changes nothing that objects have in common", async () => {
  const names = (value: object) => JSON.stringify(Object.getOwnPropertyNames(value));
  const before = [Object.prototype, Array.prototype, Function.prototype].map(names);
  for (const { file } of cases) await decodePth(decodeBase64(file));
  assertEquals([Object.prototype, Array.prototype, Function.prototype].map(names), before);
});

Deno.test("decodePth ends with a signal's reason, before it and between tensors", async () => {
  const bytes = getFile("two state_dicts");
  const reason = new Error("no more");
  const aborted = AbortSignal.abort(reason);
  const key = "model";
  assertStrictEquals(await decodePth(bytes, { key, signal: aborted }).catch((e) => e), reason);
  // Whatever it does between two tensors, it asks before each.
  let asked = 0;
  const signal = Object.defineProperty(new AbortController().signal, "throwIfAborted", {
    value: () => {
      if (++asked === 3) throw reason;
    },
  });
  assertStrictEquals(await decodePth(bytes, { key, signal }).catch((e) => e), reason);
});
