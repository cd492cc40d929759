import { formatError } from "../../_cli/errors.ts";
import type { TrainLoad } from "../shared/train_load.ts";

/** Seconds from `deno task train` to its first step; or why there was no step. */
export type StartFigures = { readonly runs: readonly number[] } | { readonly missing: string };

const ROOT = new URL("../../../", import.meta.url);

/**
 * Measures the time from the command to the end of the first training step, as its log tells it. One run before those that
 * count fills the caches.
 *
 * @param dataDir Where the data set is, if that was said.
 */
export async function measureStart(
  backend: "webgpu" | "wasm",
  { side, batchSize }: TrainLoad,
  { rounds, dataDir, note }: {
    readonly rounds: number;
    readonly dataDir?: string | undefined;
    readonly note: (line: string) => void;
  },
): Promise<StartFigures> {
  const dir = await Deno.makeTempDir({ prefix: "rill-bench-" });
  try {
    const runs: number[] = [];
    for (let round = 0; round <= rounds; round++) {
      const seconds = await timeFirstStep(`${dir}/${round}`, [
        ...["--backend", backend, "--side", `${side}`, "--batch-size", `${batchSize}`],
        ...dataDir === undefined ? [] : ["--data-dir", dataDir],
      ]);
      if (round > 0) runs.push(seconds);
      note(
        `${round === 0 ? "warm-up" : `start ${round}`}: first step after ${seconds.toFixed(2)} s`,
      );
    }
    return { runs };
  } catch (error) {
    return { missing: formatError(error) };
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

/** Milliseconds from one look at the log to the next. */
const LOOK = 5;

async function timeFirstStep(path: string, flags: readonly string[]): Promise<number> {
  const log = `${path}.jsonl`;
  const start = performance.now();
  const process = new Deno.Command(Deno.execPath(), {
    args: ["task", "--quiet", "train", "--steps", "1", "--log-every", "1", "--log", log]
      .concat("--out", path, "--quiet", ...flags),
    cwd: ROOT,
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  let ended = false;
  const result = process.output().then((output) => {
    ended = true;
    return output;
  });
  while (true) {
    const over = ended;
    const text = await Deno.readTextFile(log).catch(() => "");
    if (text.includes('"event":"step"')) break;
    if (over) {
      const line = new TextDecoder().decode((await result).stderr).trim().split("\n").at(-1);
      throw new Error(line?.replace(/^error: /, "") || "it ended without a step");
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK));
  }
  const seconds = (performance.now() - start) / 1000;
  // The time to save after the step is not included.
  await result;
  return seconds;
}
