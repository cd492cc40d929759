import type { FlagValues } from "../_cli/flags.ts";
import { UsageError } from "../_cli/errors.ts";
import { classes } from "../_data/fashion_mnist.ts";
import { ensureDataset } from "../_data/ensure_dataset.ts";
import { openSplit } from "../_data/open_split.ts";
import { encodeNpyHeader } from "../_files/npy.ts";
import { writeFileAtomically } from "../_files/files.ts";
import { describeBackend } from "../_model/describe_backend.ts";
import { buildModel } from "../_model/model_config.ts";
import { explain } from "../_model/explain.ts";
import { STOCK_LINE } from "../_model/backend_flags.ts";
import { loadParams, readCheckpoint } from "../_model/checkpoint.ts";
import { addToTally, createTally } from "../_model/tally.ts";
import { runTestPass } from "../_model/test_pass.ts";
import { readTuning } from "../_model/tuning_file.ts";
import { formatBar } from "../_text/format.ts";
import { createTerminalLine } from "../_text/terminal_line.ts";
import { type Backend, openBackend } from "../../models/mod.ts";
import type { evaluateFlags } from "./evaluate_flags.ts";
import { resolveModel } from "./resolve_model.ts";
import { computeReport, formatReport } from "./report.ts";

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
  for (const line of describeBackend(backend)) note(line);
  if (flags.kernels === "stock") note(STOCK_LINE);
  const checkpoint = await readCheckpoint(path);
  const model = resolveModel(checkpoint, flags, path);
  const network = buildModel(model);
  const params = loadParams(network, checkpoint.tensors, path);
  note(`model: AlexNet at ${model.side} x ${model.side}, from ${path}`);
  const dataset = await ensureDataset({ dataDir: flags.dataDir, quiet: flags.quiet, log: note });
  const examples = await openSplit(dataset, "test", { limit: flags.limit });

  let tally = createTally(classes.length);
  const logits: Uint8Array[] = [];
  const line = createTerminalLine(flags.quiet ? { active: false } : {});
  const pass = runTestPass({
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
    line.draw(`${formatBar(tally.examples / examples.length)} testing`);
  }
  line.clear();
  if (flags.saveLogits !== undefined) {
    await writeFileAtomically(flags.saveLogits, [
      encodeNpyHeader([tally.examples, classes.length]),
      ...logits,
    ]);
    note(`logits: saved to ${flags.saveLogits}`);
  }
  const result = computeReport(tally, classes);
  console.log(flags.json ? JSON.stringify({ checkpoint: path, ...result }) : formatReport(result));
}
