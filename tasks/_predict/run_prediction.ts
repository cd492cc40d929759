import { pipe } from "fp-ts/lib/function.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import {
  type Backend,
  evaluateBatches,
  type Prediction,
  predictStep,
  topK,
  type Variables,
} from "../../models/mod.ts";
import { type Batch, recycle } from "../../pipelines/mod.ts";
import { attempt, UsageError } from "../_cli/errors.ts";
import type { FlagValues } from "../_cli/flags.ts";
import { describeBad } from "../_data/prepare/bad_records.ts";
import { type BadRecords, chooseWorkers } from "../_data/prepare_images.ts";
import {
  describeModel,
  loadVariables,
  type OpenedModel,
  openModel,
} from "../_evaluate/open_model.ts";
import { checkOutputFile, writeFileAtomically } from "../_files/files.ts";
import { encodeNpyHeader, NPY_MAGIC } from "../_files/npy.ts";
import { describeBackend } from "../_model/describe_backend.ts";
import { planInput } from "../_model/input_plan.ts";
import { planUse } from "../_model/load_model.ts";
import { withBackend } from "../_model/with_backend.ts";
import { createResultPrinter, printNote } from "../_text/print.ts";
import { createProgressLine, formatPercent, silentLine } from "../_text/progress_line.ts";
import { findNewestRun } from "./find_newest_run.ts";
import { describeProblem } from "./list_pictures.ts";
import { openPictures, type PictureSource } from "./open_pictures.ts";
import type { predictFlags } from "./predict_flags.ts";
import { formatHead, formatPrediction, rankClasses } from "./print_prediction.ts";

type Flags = FlagValues<typeof predictFlags>;

/** Up to so many pictures WASM has told before an adapter is found and its programs are compiled, and before a worker has started. */
const FEW = 32;

/**
 * Predicts what is on pictures.
 *
 * @param operands The words that name them.
 * @returns The exit code: 1 if there was one without a prediction.
 */
export function runPrediction(
  flags: Flags,
  operands: readonly string[],
): TE.TaskEither<Error, number> {
  const note = flags.quiet ? () => {} : printNote;
  return pipe(
    TE.Do,
    TE.bindW("asked", () => attempt(() => check(flags, operands, note))),
    TE.bindW("checkpoint", () => attempt(async () => flags.checkpoint ?? await findNewestRun())),
    TE.chainW(({ asked, checkpoint }) => {
      const isFew = asked.length <= FEW && (flags.backend ?? "auto") === "auto";
      // While the file is read the backend is opened.
      const opening = openModel(checkpoint, flags)();
      return withBackend(isFew ? { ...flags, backend: "wasm" } : flags, note, (backend) =>
        pipe(
          TE.Do,
          TE.bindW("opened", () => () => opening),
          TE.bindW("variables", ({ opened }) => loadVariables(opened)),
          TE.chainW(({ opened, variables }) =>
            attempt(() => {
              const reason = isFew ? "the soonest ready for few pictures" : backend.reason;
              describeBackend({ ...backend, reason }).forEach(note);
              describeModel(opened, flags.checkpoint ? "" : ", of the newest run").forEach(note);
              return predictAll({ backend, opened, variables, flags }, asked);
            })
          ),
        ));
    }),
  );
}

async function check(
  flags: Flags,
  operands: readonly string[],
  note: (line: string) => void,
): Promise<PictureSource> {
  if (flags.json && flags.csv) {
    throw new UsageError("Cannot use --csv with --json: the output is one or the other");
  }
  await checkOutputFile(flags.saveLogits, { name: "a NumPy array", magic: NPY_MAGIC });
  return await openPictures(flags, operands, note);
}

/** What predictions are made with. */
interface Predictor {
  readonly backend: Backend;
  readonly opened: OpenedModel;
  readonly variables: Variables;
  readonly flags: Flags;
}

async function predictAll(
  { backend, opened: { model, network }, variables, flags }: Predictor,
  pictures: PictureSource,
): Promise<number> {
  const names = model.classNames ??
    Array.from({ length: model.classes }, (_, label) => `class ${label}`);
  const format = flags.json ? "json" : flags.csv ? "csv" : "table";
  const top = Math.min(flags.top ?? 5, names.length);
  const batchSize = flags.batchSize ?? 128;
  const line = flags.quiet || pictures.length <= batchSize ? silentLine : createProgressLine();
  const print = createResultPrinter();
  const complain = (text: string) => {
    line.clear();
    printNote(text);
  };
  pictures.problems.forEach(complain);
  formatHead(format).forEach(print);

  const bad = createBadPictures(pictures, complain);
  const input = planInput(backend, planUse(model), pictures);
  const batches = pipe(
    pictures.read(),
    input.batches(batchSize, {
      workers: pictures.length <= FEW && flags.workers === undefined
        ? 0
        : chooseWorkers(flags.workers ?? "auto", pictures),
      badRecords: bad,
    }),
  );
  const step = predictStep(network, input.stepOptions);
  const predict = evaluateBatches<Batch, Prediction>(step, variables, {
    backend,
    release: recycle,
  });
  const logits: Uint8Array[] = [];
  let count = 0;
  for await (const { batch: { labels }, result } of predict(batches)) {
    if (flags.saveLogits !== undefined) logits.push(new Uint8Array(result.data.buffer));
    const ranked = rankClasses(result, topK(result, top).indices, names);
    line.clear();
    ranked.forEach((predictions, row) => {
      const file = pictures.name(labels[row]!);
      print(formatPrediction({ file, predictions }, format, count++ === 0));
    });
    const share = (count + bad.count) / pictures.length;
    line.show(share, `predicting, ${formatPercent(share)}`);
  }
  line.clear();
  if (flags.saveLogits !== undefined) {
    const header = encodeNpyHeader([count, names.length]);
    await writeFileAtomically(flags.saveLogits, [header, ...logits]);
  }
  return pictures.problems.length + bad.count > 0 ? 1 : 0;
}

/** Creates the keeper of pictures that cannot be used: each is named at once. */
function createBadPictures(
  pictures: PictureSource,
  complain: (line: string) => void,
): BadRecords {
  let count = 0;
  return {
    policy: ({ record, error }) => {
      count++;
      complain(describeProblem(pictures.name(record.label), describeBad(error)));
      return "skip";
    },
    get count() {
      return count;
    },
    first: new Map(),
    format: () => undefined,
  };
}
