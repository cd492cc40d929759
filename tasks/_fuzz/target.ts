// The process that decodes. It may hang, crash and run out of memory: the process that started it reports that. Its arguments
// are the module with the decoders and a folder in which it may write.
import fc from "fast-check";
import type { Decoder, Outcome } from "./decoder.ts";
import { decodeFrames, ROUND, type RoundRequest } from "./frames.ts";
import { limitAllocation } from "./limit_allocation.ts";
import { mutateFiles } from "./mutate_files.ts";
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

const findDecoder = (name: string): Decoder | undefined =>
  decoders.find((decoder) => decoder.name === name);

/** The outcome of a run, or the problem. */
type Answer = { readonly outcome: Outcome } | { readonly problem: string };

/** Runs a decoder and gives the outcome, or the problem. */
async function answer(name: string, input: Uint8Array): Promise<Answer> {
  const decoder = findDecoder(name);
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

/** Makes the inputs of a round here, where they are decoded, as each that is sent takes two turns of the system. */
async function runRound({ name, seed, numRuns }: RoundRequest): Promise<void> {
  const decoder = findDecoder(name);
  const tally = { read: 0, refused: 0 };
  const inputs = decoder ? fc.sample(mutateFiles(decoder), { seed, numRuns }) : [];
  for (const [i, input] of inputs.entries()) {
    const found = await answer(name, input);
    if ("problem" in found) return print(found);
    tally[found.outcome]++;
    if (i % LIFE_SIGN === LIFE_SIGN - 1) print({});
  }
  print({ tally });
}

/** After how many inputs of a round to print that it goes on. */
const LIFE_SIGN = 20;

function print(message: unknown): void {
  const line = new TextEncoder().encode(`${JSON.stringify(message)}\n`);
  for (let at = 0; at < line.length;) at += Deno.stdout.writeSync(line.subarray(at));
}

print("ready");
for await (const { name, input } of decodeFrames(Deno.stdin.readable)) {
  if (name === ROUND) await runRound(JSON.parse(new TextDecoder().decode(input)));
  else print(await answer(name, input));
}
