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

/** Generates a decoder's files with a few changes; the smallest case has no change. */
export function mutateFiles({ files, repair }: Decoder): fc.Arbitrary<Uint8Array<ArrayBuffer>> {
  return fc.tuple(
    fc.constantFrom(...files),
    fc.array(edit, { maxLength: 4 }),
    repair ? fc.boolean() : fc.constant(false),
  ).map(([file, changes, isRepaired]) => {
    const bytes = [...file];
    for (const change of changes) change(bytes);
    const input = Uint8Array.from(bytes);
    if (isRepaired) repair?.(input);
    return input;
  });
}
