import type { Absentee } from "./contestant.ts";
import { startAnswering } from "./answering_process.ts";
import type { TrainContestant, TrainLoad, TrainTurn } from "./train_contestant.ts";

/** What a process trains, and with whose kernels. */
export interface TrainerSettings extends TrainLoad {
  readonly backend: "webgpu" | "wasm";
  readonly kernels: "rill" | "stock";
  /** As many as `deno task train` takes unless given. */
  readonly threads?: number;
  readonly precision?: "float32" | "mixed";
}

/** What it says: what it is made of and then what its turns took, or why there is nothing more to come. */
export type TrainerAnswer = { readonly about: string } | { readonly missing: string } | TrainTurn;

/** Rill, in a process that waits for its turns; or why there is none. */
export async function rillTrainer(settings: TrainerSettings): Promise<TrainContestant | Absentee> {
  const name = settings.kernels === "stock"
    ? "tfjs's kernels"
    : settings.threads === 1
    ? "Rill, one thread"
    : settings.precision === "mixed"
    ? "Rill, mixed precision"
    : "Rill";
  const process = (await startAnswering(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "--no-lock",
      "--allow-read",
      new URL("trainer_process.ts", import.meta.url).href,
      JSON.stringify(settings),
    ],
    // Mesa complains where it is unset.
    env: Deno.build.os === "linux" ? { XDG_RUNTIME_DIR: "/tmp" } : {},
  }))!;
  const parse = (line: string): TrainerAnswer => JSON.parse(line);
  const first = process.about === undefined
    ? { missing: "its process ended" }
    : parse(process.about);
  if (!("about" in first)) {
    await process.close();
    return { name, missing: "missing" in first ? first.missing : "it says nothing" };
  }
  return {
    name,
    about: first.about,
    async run(steps) {
      const answer = parse(await process.ask(String(steps)));
      if ("seconds" in answer) return answer;
      throw new Error("missing" in answer ? answer.missing : `Cannot measure ${name}`);
    },
    close: process.close,
  };
}
