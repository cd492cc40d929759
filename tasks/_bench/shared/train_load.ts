import { choiceFlag, integerFlag, numberFlag } from "../../_cli/flags.ts";
import { findDevice } from "../../../models/mod.ts";

/** A training load: AlexNet on images of one channel, in this size of batches. */
export interface TrainLoad {
  readonly side: number;
  readonly batchSize: number;
}

/** The flags that say what is measured, and where. */
export const loadFlags = {
  backend: choiceFlag(["auto", "webgpu", "wasm"], {
    help: "What computes. auto: WebGPU on a hardware adapter, else WASM",
    shownDefault: "auto",
  }),
  side: integerFlag({
    least: 67,
    most: 4096,
    help: "Side of the images, in pixels",
    shownDefault: "224; 67 on WASM",
  }),
  batchSize: integerFlag({
    least: 1,
    most: 65536,
    help: "Images in a batch",
    shownDefault: "128; 8 on a software adapter",
  }),
  rounds: integerFlag({
    least: 1,
    help: "How often to measure everything, in turn",
    shownDefault: "3; 7 with --against",
  }),
  peak: numberFlag({
    above: 0,
    help:
      "What the device does at most in float32, in TFLOP/s, to tell the part of it that was reached",
    shownDefault: "unknown",
  }),
};

/** The loads of each kind of device by default: what it is meant for, or does in a bearable time. */
const LOADS = {
  wasm: { side: 67, batchSize: 128 },
  software: { side: 224, batchSize: 8 },
  hardware: { side: 224, batchSize: 128 },
};

/** Chooses the backend to measure and its load: as the flags say, else what suits it. */
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
