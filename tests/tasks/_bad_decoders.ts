import type { Decoder } from "../../tasks/_fuzz/decoder.ts";

/** What a file must hold for a decoder to go wrong. */
const holds = (chunks: readonly Uint8Array[], byte: number) =>
  chunks.some((chunk) => chunk.includes(byte));

const grown: string[] = [];

const bad = (name: string, goWrong: () => unknown): Decoder => ({
  name,
  files: [Uint8Array.of(1, 2, 3, 4)],
  errors: [],
  decode: async (chunks) => {
    if (holds(chunks, 0)) await goWrong();
  },
});

/** Decoders that do what a decoder must not where there is a zero in the file. */
export const decoders: readonly Decoder[] = [
  bad("untyped", () => {
    throw new TypeError("undefined is not a function");
  }),
  bad("hang", () => {
    while (true);
  }),
  bad("wait", () => new Promise(() => setInterval(() => {}, 1000))),
  bad("crash", () => Deno.exit(7)),
  bad("buffer", () => new Float64Array(2 ** 30)),
  bad("caught", () => {
    try {
      return new Uint8Array(2 ** 30);
    } catch {
      return;
    }
  }),
  bad("heap", () => {
    while (true) grown.push("x".repeat(2 ** 12) + grown.length);
  }),
  bad("later", () => {
    Promise.reject(new RangeError("nobody waits for it"));
    return new Promise((resolve) => setTimeout(resolve, 0));
  }),
  {
    ...bad("chunks", () => {}),
    decode: (chunks) =>
      chunks.length > 1 && holds(chunks.slice(1), 0)
        ? Promise.reject(new SyntaxError("the second chunk is empty"))
        : Promise.resolve(),
    errors: [SyntaxError],
  },
];
