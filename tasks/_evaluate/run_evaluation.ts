import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import type { Backend, Network, Variables } from "../../models/mod.ts";
import { attempt, UsageError } from "../_cli/errors.ts";
import { type FlagValues, omitUndefined } from "../_cli/flags.ts";
import { ensureDataset } from "../_data/fetch/ensure_dataset.ts";
import { classes } from "../_data/fetch/fashion_mnist.ts";
import { openSplit } from "../_data/fetch/open_split.ts";
import { checkOutputFile, writeFileAtomically } from "../_files/files.ts";
import { encodeNpyHeader, NPY_MAGIC } from "../_files/npy.ts";
import { STOCK_LINE } from "../_model/backend_flags.ts";
import {
  countNotFinite,
  formatNotFinite,
  loadParams,
  readCheckpoint,
} from "../_model/checkpoint.ts";
import { describeBackend } from "../_model/describe_backend.ts";
import { buildModel, checkSide, type ModelConfig } from "../_model/model_config.ts";
import { findParamsFile } from "../_model/run_files.ts";
import { addToTally, createTally } from "../_model/tally.ts";
import { runTestPass } from "../_model/test_pass.ts";
import { withBackend } from "../_model/with_backend.ts";
import { printNote } from "../_text/print.ts";
import { createProgressLine, formatPercent, silentLine } from "../_text/progress_line.ts";
import type { evaluateFlags } from "./evaluate_flags.ts";
import { computeReport, formatReport } from "./report.ts";
import { resolveModel } from "./resolve_model.ts";

type Flags = FlagValues<typeof evaluateFlags>;

/** A checkpoint on the backend. */
interface LoadedModel {
  readonly model: ModelConfig;
  readonly network: Network;
  readonly variables: Variables;
  /** The number of values that are NaN or infinite, of each tensor that has some. */
  readonly notFinite: Readonly<Record<string, number>>;
}

/** Evaluates a checkpoint on the test images as the flags say. */
export function runEvaluation(flags: Flags): TE.TaskEither<Error, void> {
  const note = flags.quiet ? () => {} : printNote;
  return pipe(
    checkSide(flags.side),
    E.chainW(() =>
      pipe(
        flags.checkpoint,
        E.fromNullable(new UsageError("Cannot evaluate without --checkpoint FILE")),
      )
    ),
    TE.fromEither,
    // Found out now, and not when there is something to write.
    TE.chainFirstW(() =>
      attempt(async () =>
        await checkOutputFile(flags.saveLogits, { name: "a NumPy array", magic: NPY_MAGIC })
      )
    ),
    TE.chainW(findParamsFile),
    TE.chainW((path) =>
      withBackend(flags, note, (backend) => {
        for (const line of describeBackend(backend)) note(line);
        if (flags.kernels === "stock") note(STOCK_LINE);
        return pipe(
          loadModel(path, flags),
          TE.chainW((loaded) => attempt(() => evaluateOn(backend, loaded, path, flags, note))),
        );
      })
    ),
  );
}

const loadModel = (path: string, flags: Flags): TE.TaskEither<Error, LoadedModel> =>
  pipe(
    TE.Do,
    TE.bindW("checkpoint", () => readCheckpoint(path)),
    TE.bindW("model", ({ checkpoint }) => TE.fromEither(resolveModel(checkpoint, flags, path))),
    TE.bindW("network", ({ model }) => TE.fromEither(buildModel(model))),
    TE.bindW(
      "variables",
      ({ checkpoint, network }) => loadParams(network, checkpoint.tensors, path),
    ),
    TE.map(({ checkpoint: { tensors }, ...loaded }) => {
      const notFinite = countNotFinite(tensors);
      if (Object.keys(notFinite).length > 0) {
        // Said also where only the result is asked for: it belongs to it.
        console.error(
          `warning: ${path} holds values that are NaN or infinite, so the result means little: ${
            formatNotFinite(notFinite, tensors)
          }`,
        );
      }
      return { ...loaded, notFinite };
    }),
  );

async function evaluateOn(
  backend: Backend,
  { model, network, variables, notFinite }: LoadedModel,
  path: string,
  flags: Flags,
  note: (line: string) => void,
): Promise<void> {
  note(`model: AlexNet at ${model.side} x ${model.side}, from ${path}`);
  const dataset = await ensureDataset({ dataDir: flags.dataDir, quiet: flags.quiet, log: note });
  const examples = await openSplit(dataset, "test", omitUndefined({ limit: flags.testImages }));

  let tally = createTally(classes.length);
  const logits: Uint8Array[] = [];
  const line = flags.quiet ? silentLine : createProgressLine();
  const pass = runTestPass({
    backend,
    network,
    model,
    variables,
    examples,
    batchSize: flags.batchSize ?? 128,
  });
  for await (const evaluated of pass) {
    tally = addToTally(tally, evaluated);
    if (flags.saveLogits !== undefined) logits.push(new Uint8Array(evaluated.outputs.data.buffer));
    const share = tally.examples / examples.length;
    line.show(share, `testing, ${formatPercent(share)}`);
  }
  line.clear();
  if (flags.saveLogits !== undefined) {
    const header = encodeNpyHeader([tally.examples, classes.length]);
    await writeFileAtomically(flags.saveLogits, [header, ...logits]);
    note(`logits: saved to ${flags.saveLogits}`);
  }
  const report = computeReport(tally, classes);
  console.log(
    flags.json ? JSON.stringify({ checkpoint: path, notFinite, ...report }) : formatReport(report),
  );
}
