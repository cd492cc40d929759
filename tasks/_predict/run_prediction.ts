import { pipe } from "fp-ts/lib/function.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import { attempt, UsageError } from "../_cli/errors.ts";
import type { FlagValues } from "../_cli/flags.ts";
import { describeBad } from "../_data/prepare/bad_records.ts";
import { type BadRecords, chooseWorkers } from "../_data/prepare_images.ts";
import { checkOutputFile, writeFileAtomically } from "../_files/files.ts";
import { encodeNpyHeader, NPY_MAGIC } from "../_files/npy.ts";
import { createResultPrinter, printNote } from "../_text/print.ts";
import { createProgressLine, formatPercent, silentLine } from "../_text/progress_line.ts";
import { describeProblem } from "./list_pictures.ts";
import { openPictures, type PictureSource } from "./open_pictures.ts";
import type { predictFlags } from "./predict_flags.ts";
import { formatHead, formatPrediction } from "./print_prediction.ts";
import { type Predictor, withPredictor } from "./with_predictor.ts";

type Flags = FlagValues<typeof predictFlags>;

/** Pictures in a batch where nobody says it. */
const BATCH_SIZE = 128;

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
    attempt(() => check(flags, operands, note)),
    TE.chainW((asked) => {
      const areFew = asked.length <= FEW;
      const isFew = areFew && (flags.backend ?? "auto") === "auto";
      const share = {
        threads: flags.threads,
        batchSize: areFew ? 1 : Math.min(flags.batchSize ?? BATCH_SIZE, asked.length),
      };
      return withPredictor(
        flags,
        { verb: "predict", note, isFew, share },
        (predictor) => predictAll(predictor, flags, asked),
      );
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

async function predictAll(
  { names, predict }: Predictor,
  flags: Flags,
  pictures: PictureSource,
): Promise<number> {
  const format = flags.json ? "json" : flags.csv ? "csv" : "table";
  const batchSize = flags.batchSize ?? BATCH_SIZE;
  const line = flags.quiet || pictures.length <= batchSize ? silentLine : createProgressLine();
  const print = createResultPrinter();
  const complain = (text: string) => {
    line.clear();
    printNote(text);
  };
  pictures.problems.forEach(complain);
  formatHead(format).forEach(print);

  const bad = createBadPictures(pictures, complain);
  const predicted = pipe(
    pictures.read(),
    predict(pictures, {
      top: flags.top ?? 5,
      batchSize,
      workers: pictures.length <= FEW && flags.workers === undefined
        ? 0
        : chooseWorkers(flags.workers ?? "auto", pictures),
      badRecords: bad,
    }),
  );
  const saved: Uint8Array[] = [];
  let count = 0;
  for await (const { labels, logits, ranked } of predicted) {
    if (flags.saveLogits !== undefined) saved.push(new Uint8Array(logits.data.buffer));
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
    await writeFileAtomically(flags.saveLogits, [header, ...saved]);
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
