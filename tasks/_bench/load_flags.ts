import { oneOf, real, whole } from "../_cli/flags.ts";

/** The flags that say what is measured, and where. */
export const loadFlags = {
  backend: oneOf(["auto", "webgpu", "wasm"], {
    help: "What computes. auto: WebGPU on a hardware adapter, else WASM",
    shownDefault: "auto",
  }),
  side: whole({
    least: 67,
    most: 4096,
    help: "Side of the images, in pixels",
    shownDefault: "224; 67 on WASM",
  }),
  batchSize: whole({
    least: 1,
    most: 65536,
    help: "Images in a batch",
    shownDefault: "128; 8 on a software adapter",
  }),
  rounds: whole({
    least: 1,
    help: "How often to measure everything, in turn",
    shownDefault: "3; 7 with --against",
  }),
  peak: real({
    above: 0,
    help:
      "What the device does at most in float32, in TFLOP/s, to tell the part of it that was reached",
    shownDefault: "unknown",
  }),
};
