import fc from "fast-check";
import type { Decoder } from "./decoder.ts";

/** A position in a file, as a share of its length. Doubles would nearly all be close to 0, as half of all doubles are. */
const position = fc.nat(2 ** 20 - 1).map((n) => n / 2 ** 20);

/** Numbers at which code that counts tends to fail. */
const edges = fc.constantFrom(0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0xffffffff);

type Edit = (bytes: number[]) => void;

const toIndex = (bytes: readonly number[], part: number): number => Math.floor(part * bytes.length);

/** Edits that leave all other bytes in place, so that decoders get further than to the first length. */
const replacement = fc.oneof<fc.Arbitrary<Edit>[]>(
  // One bit or a few.
  fc.tuple(position, fc.integer({ min: 1, max: 255 })).map(([where, by]) => (bytes) => {
    const i = toIndex(bytes, where);
    bytes.splice(i, 1, ...bytes.slice(i, i + 1).map((byte) => byte ^ by));
  }),
  // Another character.
  fc.tuple(position, fc.constantFrom(...'\0\n\r",;/.-0179 ~')).map(([where, char]) => (bytes) => {
    if (bytes.length > 0) bytes[toIndex(bytes, where)] = char.charCodeAt(0);
  }),
  // Another number, in either order of bytes.
  fc.tuple(position, edges, fc.constantFrom(1, 2, 4), fc.boolean()).map(
    ([where, value, size, little]) => (bytes) => {
      const parts = [0, 8, 16, 24].slice(0, size).map((shift) => (value >>> shift) & 0xff);
      bytes.splice(toIndex(bytes, where), size, ...little ? parts : parts.reverse());
    },
  ),
);

/** Edits that move bytes. */
const movement = fc.oneof<fc.Arbitrary<Edit>[]>(
  // A piece is missing, duplicated, or new.
  fc.tuple(position, fc.nat(600)).map(([where, size]) => (bytes) => {
    bytes.splice(toIndex(bytes, where), size);
  }),
  fc.tuple(position, position, fc.nat(600)).map(([from, to, size]) => (bytes) => {
    bytes.splice(
      toIndex(bytes, to),
      0,
      ...bytes.slice(toIndex(bytes, from), toIndex(bytes, from) + size),
    );
  }),
  fc.tuple(position, fc.uint8Array({ minLength: 1, maxLength: 16 })).map(
    ([where, piece]) => (bytes) => {
      bytes.splice(toIndex(bytes, where), 0, ...piece);
    },
  ),
  // The end is missing.
  position.map((part) => (bytes) => {
    bytes.length = toIndex(bytes, part);
  }),
);

const edit = fc.oneof({ weight: 3, arbitrary: replacement }, { weight: 1, arbitrary: movement });

/** Values that a program may not expect in JSON, and texts that are numbers of no program. */
const values = fc.constantFrom(
  ...["null", "true", "-1", "0", "0.5", "1e99", "1e999", "9007199254740993", '""', '"x"', "[]"],
  ...["{}", "[[]]", "[null]", '{"a":null}', '{"__proto__":{"a":1}}', '{"constructor":0}'],
  ...['"\\ud800"', "4294967296", "-0"],
);

/** Edits of JSON: another value in the place of one, one that is missing, or under another name. */
const jsonEdit = fc.tuple(position, values, fc.constantFrom("replace", "remove", "rename")).map(
  ([where, text, kind]): Edit => (bytes) => {
    let root: unknown;
    try {
      root = JSON.parse(new TextDecoder().decode(Uint8Array.from(bytes)));
    } catch {
      return; // It is none any more.
    }
    const places = [...listPlaces({ root }, "root")];
    const { holder, key } = places[Math.floor(where * places.length)]!;
    const value = holder[key];
    if (kind === "remove") delete holder[key];
    else if (kind === "rename" && !Array.isArray(holder)) {
      delete holder[key];
      holder[`${key}s`] = value;
    } else holder[key] = MARK;
    const changed = JSON.stringify(root === value && kind === "replace" ? MARK : root) ?? "";
    const encoded = new TextEncoder().encode(changed.replace(`"${MARK}"`, text));
    bytes.splice(0, bytes.length, ...encoded);
  },
);

/** What stands for a value that JSON.stringify() would write otherwise. */
const MARK = "(here)";

interface Place {
  readonly holder: Record<string, unknown>;
  readonly key: string;
}

/** Lists the places of all values in a value. */
function* listPlaces(holder: object, key: string): Generator<Place> {
  const record = holder as Record<string, unknown>;
  yield { holder: record, key };
  const value = record[key];
  if (typeof value !== "object" || value === null) return;
  for (const name of Object.keys(value)) yield* listPlaces(value, name);
}

/** Generates a decoder's files with a few changes; the smallest case has no change. */
export function mutateFiles(
  { files, repair, isJson = false }: Decoder,
): fc.Arbitrary<Uint8Array<ArrayBuffer>> {
  return fc.tuple(
    fc.constantFrom(...files),
    fc.array(isJson ? fc.oneof(jsonEdit, edit) : edit, { maxLength: 4 }),
    repair ? fc.boolean() : fc.constant(false),
  ).map(([file, changes, isRepaired]) => {
    const bytes = [...file];
    for (const change of changes) change(bytes);
    const input = Uint8Array.from(bytes);
    if (isRepaired) repair?.(input);
    return input;
  });
}
