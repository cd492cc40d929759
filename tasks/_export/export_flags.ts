import { booleanFlag, listIn, pathFlag } from "../_cli/flags.ts";
import { modelFlags } from "../_evaluate/model_flags.ts";

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
  }),
  ...listIn("Model", modelFlags),
};
