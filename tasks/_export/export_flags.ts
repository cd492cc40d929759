import * as E from "fp-ts/lib/Either.js";
import { booleanFlag, type Flag, listIn, pathFlag } from "../_cli/flags.ts";
import { modelFlags } from "../_evaluate/model_flags.ts";

/** Describes the flag that names a license: a word or a few, as SPDX has them. */
const licenseFlag: Flag<string> = {
  kind: "value",
  placeholder: "NAME",
  help: "With --card: the license of the model",
  shownDefault: "what the page has",
  read: E.fromPredicate(
    (text) => /^[\w.+()-][\w.+() -]{0,99}$/.test(text),
    () => "a name such as MIT or CC-BY-4.0",
  ),
};

/** The flags of the task `export`. */
export const exportFlags = {
  ...listIn("Export", {
    checkpoint: pathFlag({
      placeholder: "FILE",
      help: "The file to export, safetensors or PyTorch's .pth, or a run's folder: its best",
      shownDefault: "the best of the newest run under runs/",
    }),
    onnx: pathFlag({
      placeholder: "FILE.onnx",
      help: "Write the network, as it predicts, as an ONNX file",
      shownDefault: "none",
    }),
    pytorch: booleanFlag({ help: "Print a program that loads the checkpoint in PyTorch" }),
    card: pathFlag({
      placeholder: "RUN",
      help:
        "Write the page README.md in a run's folder: data, recipe, scores and use. One that somebody has changed stays",
      shownDefault: "written when a training ends",
    }),
    license: licenseFlag,
  }),
  ...listIn("Model", modelFlags),
};
