import { assertEquals } from "@std/assert";
import type { Image } from "@rill/rill/pipelines";

/** A listing of `references/_samples.py`, as JSON has it. */
interface Listing {
  /** The type, height, width, channels and offset of each. */
  readonly images: Readonly<Record<string, readonly [string, number, number, number, number]>>;
  readonly cases: readonly (readonly (string | number | readonly unknown[])[])[];
}

/** An image, what was done to it, and what came out. */
export interface Reference {
  /** Everything about it, for the name of a test. */
  readonly name: string;
  readonly function: string;
  // deno-lint-ignore no-explicit-any -- Of whatever types the function takes.
  readonly parameters: readonly any[];
  readonly input: Image;
  /** Compares a result, which says how many samples there are. */
  readonly check: (result: Image) => void;
}

/** What `references/_samples.py` wrote. */
export async function readReferences(name: string): Promise<Reference[]> {
  const file = (type: string) => new URL(`references/${name}.${type}`, import.meta.url);
  const { buffer } = await Deno.readFile(file("bin"));
  const { images, cases }: Listing = JSON.parse(await Deno.readTextFile(file("json")));
  return cases.map(([fn, image, parameters, offset]) => {
    const [type, height, width, channels, at] = images[`${image}`]!;
    const length = height * width * channels;
    return {
      name: `${fn}(${[image, ...(parameters as unknown[])].map(write).join(", ")})`,
      function: `${fn}`,
      parameters: parameters as unknown[],
      input: {
        data: type === "uint8"
          ? new Uint8Array(buffer, at, length)
          : new Float32Array(buffer, at, length),
        height,
        width,
        channels,
      },
      check({ data }) {
        const expected = data instanceof Uint8Array
          ? new Uint8Array(buffer, Number(offset), data.length)
          : new Float32Array(buffer, Number(offset), data.length);
        assertEquals(data, expected);
      },
    };
  });
}

/** Writes a parameter; a record as JSON. */
const write = (parameter: unknown): string =>
  typeof parameter === "object" && !Array.isArray(parameter)
    ? JSON.stringify(parameter)
    : `${parameter}`;
