import type { Kernels } from "../../_model/backend_flags.ts";
import type { Absentee } from "../shared/absentee.ts";
import { startModule } from "../shared/answering_process.ts";
import type { TrainContestant, TrainTurn } from "./train_contestant.ts";
import type { TrainLoad } from "../shared/train_load.ts";
import type { NetworkLoad } from "./network_load.ts";

/** The settings of a process that trains: the load, the backend and whose kernels. */
export interface TrainerSettings
  extends TrainLoad, Partial<Pick<NetworkLoad, "model" | "channels">> {
  readonly backend: "webgpu" | "wasm";
  readonly kernels: Kernels;
  /** As many as `deno task train` takes unless given. */
  readonly threads?: number;
  readonly precision?: "float32" | "mixed";
}

/** An answer of it: at first what it trains with, then the result of each turn; or why nothing more comes. */
export type TrainerAnswer = { readonly about: string } | { readonly missing: string } | TrainTurn;

/** Starts Rill in a process that waits for its turns; or says why it can't be had. */
export async function startRillTrainer(
  settings: TrainerSettings,
): Promise<TrainContestant | Absentee> {
  const name = settings.kernels === "stock"
    ? "tfjs's kernels"
    : settings.threads === 1
    ? "Rill, one thread"
    : settings.kernels === "direct"
    ? "Rill, direct kernels"
    : settings.precision === "mixed"
    ? "Rill, mixed precision"
    : "Rill";
  const process = await startModule(new URL("trainer_process.ts", import.meta.url), [
    JSON.stringify(settings),
  ]);
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
