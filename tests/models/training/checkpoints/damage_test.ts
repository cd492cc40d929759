// Damaged checkpoints: of a file that has its checksum no bit can turn, and whatever its JSON says is refused in words.
import { assert, assertEquals, assertMatch } from "@std/assert";
import fc from "fast-check";
import {
  CheckpointError,
  decodeCheckpoint,
  encodeCheckpoint,
  encodeSafetensors,
  getOrThrow,
  type TrainingCopy,
  type TrainingPosition,
} from "@rill/rill/models";
import { readPosition } from "../../../../models/training/epochs/_read_position.ts";
import { computeChecksum } from "../../../../models/training/checkpoints/_checksum.ts";
import { getError } from "../../_helpers.ts";

/** A position in the third epoch. */
const position: TrainingPosition = {
  epoch: 2,
  index: 7,
  step: 12,
  updates: 6,
  seed: -3,
  sums: { steps: 2, examples: 7, metrics: { loss: { sum: 3.5, weight: 7, stepMeans: 1 } } },
  history: [
    { epoch: 0, step: 5, training: { loss: 2, accuracy: NaN } },
    {
      epoch: 1,
      step: 10,
      training: { loss: 1, accuracy: 0.5 },
      validation: { loss: 1.5, accuracy: 0.25 },
    },
  ],
};

const training: TrainingCopy = {
  params: { weight: { shape: [1, 2], data: Float32Array.of(1, -2) } },
  optimizer: { "m/weight": { shape: [1, 2], data: Float32Array.of(0.5, 0) } },
  position,
};

async function encode(
  ...args: Parameters<typeof encodeCheckpoint>
): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  for await (const part of encodeCheckpoint(...args)) parts.push(part);
  return await new Blob(parts).bytes();
}

Deno.test("of a checkpoint no bit can turn, and nothing be cut or added, without being refused by name", async () => {
  const file = await encode(training, { data: { classes: ["犬"] } });
  assertEquals(getOrThrow(await decodeCheckpoint(file)).position, position);
  const source = "runs/a/step-12.safetensors";
  const refuse = async (bytes: Uint8Array<ArrayBuffer>, what: string) => {
    const decoded = await decodeCheckpoint(bytes, { source });
    assert(decoded._tag === "Left", `${what} is accepted`);
    assert(decoded.left instanceof CheckpointError);
    assertMatch(decoded.left.message, /^Cannot read runs\/a\/step-12\.safetensors as /);
  };
  for (let bit = 0; bit < 8 * file.length; bit++) {
    file[bit >> 3]! ^= 1 << (bit & 7);
    await refuse(file, `bit ${bit}`);
    file[bit >> 3]! ^= 1 << (bit & 7);
  }
  for (let end = 0; end < file.length; end++) await refuse(file.slice(0, end), `a cut at ${end}`);
  await refuse(await new Blob([file, "\0"]).bytes(), "a longer file");
});

Deno.test("a file of the first version is read, with its times left out, and verified by nothing", async () => {
  const old = {
    ...position,
    seconds: 9,
    sums: { ...position.sums, seconds: 1 },
    history: position.history.map((result) => ({ ...result, seconds: 4 })),
  };
  const text = JSON.stringify({ version: 1, position: old, data: 7 });
  const { params } = training;
  const file = await new Blob(
    encodeSafetensors({ weight: { shape: [1, 2], data: Float32Array.of(1, -2) } }, {
      rill_training: text,
    }),
  ).bytes();
  const decoded = getOrThrow(await decodeCheckpoint(file));
  assertEquals([decoded.position, decoded.data, decoded.params], [position, 7, params]);
});

Deno.test("two encodings have the same bytes, whatever was in the metadata of a file before", async () => {
  const first = await encode(training, { metadata: { title: "mine" } });
  const { metadata } = getOrThrow(await decodeCheckpoint(first));
  const again = await encode(getOrThrow(await decodeCheckpoint(first)), { metadata });
  assertEquals(again, first);
});

Deno.test("the checksum is that of blocks of a MiB, with the system's hash or without", async () => {
  const hash = async (bytes: Uint8Array<ArrayBuffer>) =>
    new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const bytes = new Uint8Array(2.5 * 2 ** 20).map((_, i) => i * 7 + (i >> 8));
  const blocks = [0, 1, 2].map((i) => bytes.slice(i * 2 ** 20, (i + 1) * 2 ** 20));
  const digests = await Promise.all(blocks.map(hash));
  const expected = [...await hash(await new Blob(digests).bytes())]
    .map((byte) => byte.toString(16).padStart(2, "0")).join("");
  assertEquals(await computeChecksum([bytes]), expected);
  const parts = [0, 5, 5, 2 ** 20, 2 ** 20 + 9, 2 ** 21, bytes.length]
    .map((at, i, all) => bytes.subarray(all[i - 1] ?? 0, at));
  assertEquals(await computeChecksum(parts), expected);
  // As in a page that isn't secure.
  const { subtle } = crypto;
  Object.defineProperty(crypto, "subtle", { value: undefined, configurable: true });
  try {
    assertEquals(await computeChecksum(parts), expected);
  } finally {
    Object.defineProperty(crypto, "subtle", { value: subtle, configurable: true });
  }
});

/** Any value of JSON, and what is close to counts. */
const values = fc.oneof(fc.jsonValue(), fc.integer({ min: -1, max: 12 }), fc.constant(undefined));

/** Lists the places in a value of JSON. */
const listPlaces = (value: unknown): string[][] =>
  typeof value === "object" && value !== null
    ? [
      [],
      ...Object.entries(value).flatMap(([name, item]) =>
        listPlaces(item).map((place) => [name, ...place])
      ),
    ]
    : [[]];

/** Puts something in a place of a value. */
function put(value: unknown, [name, ...rest]: readonly string[], item: unknown): unknown {
  if (name === undefined) return item;
  const copy: Record<string, unknown> | unknown[] = Array.isArray(value)
    ? [...value]
    : { ...value as object };
  Reflect.set(copy, name, put(Reflect.get(copy, name), rest, item));
  return copy;
}

Deno.test("whatever JSON stands where facts and a position should is refused in words, or is a position", async () => {
  const facts = { version: 1, position, optimizer: "0", data: null };
  const place = fc.constantFrom(...listPlaces(JSON.parse(JSON.stringify(facts))));
  await fc.assert(
    fc.asyncProperty(place, values, async (place, value) => {
      const text = JSON.stringify(put(facts, place, value)) ?? "undefined";
      const file = await new Blob(encodeSafetensors({}, { rill_training: text })).bytes();
      const decoded = await decodeCheckpoint(file, { source: "a.safetensors" });
      if (decoded._tag === "Left") {
        assert(decoded.left instanceof CheckpointError);
        return assertMatch(
          decoded.left.message,
          /^Cannot read a\.safetensors as its rill_training/,
        );
      }
      const { position: read } = decoded.right;
      if (read) assertEquals(getOrThrow(readPosition(JSON.parse(JSON.stringify(read)))), read);
    }),
    { numRuns: 2000 },
  );
  for (const text of ["", "{", "[]", "7", "null", '"', "{}", '{"version":"2"}', '{"version":0}']) {
    const file = await new Blob(encodeSafetensors({}, { rill_training: text })).bytes();
    const error = getError(await decodeCheckpoint(file));
    assertMatch(error.message, /^Cannot read the checkpoint as its rill_training is damaged: /);
  }
});

Deno.test("a position whose counts can't be of one training is none", () => {
  const check = (change: object, message: string) => {
    const read = readPosition({ ...position, ...change });
    assertEquals(read, { _tag: "Left", left: message });
  };
  assertEquals(readPosition(position), { _tag: "Right", right: position });
  check({ updates: 13 }, "it has made 13 updates in 12 steps");
  check({ index: 8 }, "its sums are of 7 examples, not of 8");
  check(
    { index: 0, sums: { ...position.sums, examples: 0 } },
    "its sums are of 0 examples in 2 steps",
  );
  check({ sums: { ...position.sums, steps: 8 } }, "its sums are of 7 examples in 8 steps");
  check({ step: 3, updates: 3 }, "it has made 3 steps, 2 of them in epoch 2");
  check({ epoch: 0, history: [] }, "it has made 12 steps, 2 of them in epoch 0");
  check({ epoch: 3 }, "the results 1 of 2 are of epoch 0");
  check({ history: [position.history[0]] }, "the results 1 of 1 are of epoch 0");
  check(
    { history: [position.history[0], { ...position.history[1], step: 13 }] },
    "the results of epoch 1 are of step 13",
  );
  check(
    { history: [position.history[0], { ...position.history[1], step: 4 }] },
    "the results of epoch 1 are of step 4",
  );
  check({ history: {} }, "its history is an object");
  check({ history: [null] }, "a result of its history is null");
  check({ seed: 0.5 }, "its seed is 0.5");
  check({ step: "12" }, 'its step is "12"');
  check({ epoch: undefined }, "its epoch is missing");
  check({ sums: [] }, "its sums is a list");
});
