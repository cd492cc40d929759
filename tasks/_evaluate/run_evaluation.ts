import type { FlagValues } from "../_cli/flag.ts";
import { UsageError } from "../_cli/usage_error.ts";
import { classes } from "../_data/classes.ts";
import { ensureDataset } from "../_data/ensure_dataset.ts";
import { openSplit } from "../_data/open_split.ts";
import { npyHeader } from "../_files/npy.ts";
import { writeWhole } from "../_files/write_whole.ts";
import { backendLines } from "../_model/backend_lines.ts";
import { buildModel } from "../_model/build_model.ts";
import { explain } from "../_model/explain.ts";
import { STOCK_LINE } from "../_model/kernels_flag.ts";
import { loadParams } from "../_model/load_params.ts";
import { readCheckpoint } from "../_model/read_checkpoint.ts";
import { addToTally, emptyTally } from "../_model/tally.ts";
import { testPass } from "../_model/test_pass.ts";
import { readTuning } from "../_model/tuning_file.ts";
import { bar } from "../_text/bar.ts";
import { terminalLine } from "../_text/terminal_line.ts";
import { type Backend, openBackend } from "../../models/mod.ts";
import type { evaluateFlags } from "./evaluate_flags.ts";
import { modelOfCheckpoint } from "./model_of_checkpoint.ts";
import { report } from "./report.ts";
import { reportText } from "./report_text.ts";

type Flags = FlagValues<typeof evaluateFlags>;

/** Evaluates a checkpoint on the test images as the flags say. */
export async function runEvaluation(flags: Flags): Promise<void> {
  const { checkpoint: path } = flags;
  if (path === undefined) throw new UsageError("Cannot evaluate without --checkpoint FILE");
  const note = flags.quiet ? () => {} : (line: string) => console.error(line);
  const backend = await openBackend(flags.backend, {
    tuning: await readTuning(note),
    kernels: flags.kernels,
  });
  try {
    await evaluateOn(backend, path, flags, note);
  } catch (error) {
    throw explain(backend, error);
  }
}

async function evaluateOn(
  backend: Backend,
  path: string,
  flags: Flags,
  note: (line: string) => void,
): Promise<void> {
  for (const line of backendLines(backend)) note(line);
  if (flags.kernels === "stock") note(STOCK_LINE);
  const checkpoint = await readCheckpoint(path);
  const model = modelOfCheckpoint(checkpoint, flags, path);
  const network = buildModel(model);
  const params = loadParams(network, checkpoint.tensors, path);
  note(`model: AlexNet at ${model.side} x ${model.side}, from ${path}`);
  const dataset = await ensureDataset({ dataDir: flags.dataDir, quiet: flags.quiet, log: note });
  const examples = await openSplit(dataset, "test", { limit: flags.limit });

  let tally = emptyTally(classes.length);
  const logits: Uint8Array[] = [];
  const line = terminalLine(flags.quiet ? { active: false } : {});
  const pass = testPass({
    backend,
    network,
    model,
    params,
    examples,
    batchSize: flags.batchSize ?? 128,
  });
  for await (const evaluated of pass) {
    tally = addToTally(tally, evaluated);
    if (flags.saveLogits !== undefined) logits.push(new Uint8Array(evaluated.logits.buffer));
    line.draw(`${bar(tally.examples / examples.length)} testing`);
  }
  line.clear();
  if (flags.saveLogits !== undefined) {
    await writeWhole(flags.saveLogits, [npyHeader([tally.examples, classes.length]), ...logits]);
    note(`logits: saved to ${flags.saveLogits}`);
  }
  const result = report(tally, classes);
  console.log(flags.json ? JSON.stringify({ checkpoint: path, ...result }) : reportText(result));
}
