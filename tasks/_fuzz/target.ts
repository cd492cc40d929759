// The process that decodes. It may hang, crash and run out of memory: the process that started it reports that. Its arguments
// are the module with the decoders and a folder in which it may write.
import type { Decoder } from "./decoder.ts";
import { decodeFrames } from "./frames.ts";
import { limitAllocation } from "./limit_allocation.ts";
import { runDecoder } from "./run_decoder.ts";

/** Sixteen times the most that the decoders may hold. */
const ALLOCATION_LIMIT = 2 ** 24;

const [module = "", folder = ""] = Deno.args;
const { decoders }: { decoders: readonly Decoder[] } = await import(module);
const runLimited = limitAllocation(ALLOCATION_LIMIT);
let unhandled: unknown;
addEventListener("unhandledrejection", (event) => {
  event.preventDefault();
  unhandled ??= event.reason;
});

/** Runs a decoder and gives the outcome, or the problem. */
async function answer(
  name: string,
  input: Uint8Array,
): Promise<{ readonly outcome: string } | { readonly problem: string }> {
  const decoder = decoders.find((decoder) => decoder.name === name);
  if (!decoder) return { problem: `there is no decoder ${name}` };
  unhandled = undefined;
  try {
    const outcome = await runLimited(() => runDecoder(decoder, input, folder));
    if (unhandled) throw unhandled;
    return { outcome };
  } catch (error) {
    return { problem: String(error) };
  }
}

function print(message: unknown): void {
  const line = new TextEncoder().encode(`${JSON.stringify(message)}\n`);
  for (let at = 0; at < line.length;) at += Deno.stdout.writeSync(line.subarray(at));
}

print("ready");
for await (const { name, input } of decodeFrames(Deno.stdin.readable)) {
  print(await answer(name, input));
}
