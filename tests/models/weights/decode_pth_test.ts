import { assert, assertEquals, assertInstanceOf } from "@std/assert";
import { CheckpointError, decodePth } from "@rill/rill/models";
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
