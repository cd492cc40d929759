import { runTask } from "./_cli/run_task.ts";
import { exportFlags } from "./_export/export_flags.ts";
import { runExport } from "./_export/run_export.ts";

await runTask({
  name: "export",
  about:
    "Hands a network that was trained to other programs: as an ONNX file, which says how images are prepared and what the " +
    "classes are called, or as the code that loads its checkpoint in PyTorch. Writes the page that tells of a run.",
  flags: exportFlags,
}, runExport);
