import { findDevice } from "../../models/mod.ts";
import type { TrainLoad } from "./train_contestant.ts";

/** What is measured where nothing is said: what each kind of device is meant for, or does in a bearable time. */
const LOADS = {
  wasm: { side: 67, batchSize: 128 },
  software: { side: 224, batchSize: 8 },
  hardware: { side: 224, batchSize: 128 },
};

/** The backend to measure, and with what: as the flags say, else what suits it. */
export async function chooseLoad(
  { backend = "auto", side, batchSize }: {
    readonly backend?: "auto" | "webgpu" | "wasm";
    readonly side?: number;
    readonly batchSize?: number;
  },
): Promise<TrainLoad & { readonly backend: "webgpu" | "wasm" }> {
  const software = (await findDevice())?.software ?? true;
  const chosen = backend === "auto" ? software ? "wasm" : "webgpu" : backend;
  const load = LOADS[chosen === "wasm" ? "wasm" : software ? "software" : "hardware"];
  return {
    backend: chosen,
    side: side ?? load.side,
    batchSize: batchSize ?? load.batchSize,
  };
}
