/** The lines of a text, without what follows the last end of a line. */
export async function* linesOf(
  bytes: ReadableStream<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<string, void> {
  let line = "";
  for await (const text of bytes.pipeThrough(new TextDecoderStream())) {
    const [first, ...rest] = (line + text).split("\n");
    line = first;
    for (const next of rest) {
      yield line;
      line = next;
    }
  }
}
