import { pipe } from "fp-ts/lib/function.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import { type Backend, getOrThrow } from "../../models/mod.ts";
import { attempt, UsageError } from "../_cli/errors.ts";
import type { FlagValues } from "../_cli/flags.ts";
import { chooseWorkers, createBadRecords } from "../_data/prepare_images.ts";
import { checkOutputFile, writeFileAtomically } from "../_files/files.ts";
import { encodeNpyHeader, NPY_MAGIC } from "../_files/npy.ts";
import { describeKernels } from "../_model/backend_flags.ts";
import { checkParams } from "../_model/checkpoint.ts";
import { chooseThreads } from "../_model/choose_threads.ts";
import { describeBackend } from "../_model/describe_backend.ts";
import { evaluateSplit } from "../_model/evaluate_split.ts";
import { planInput } from "../_model/input_plan.ts";
import { planUse } from "../_model/views.ts";
import { withBackend } from "../_model/with_backend.ts";
import { printNote, printResult } from "../_text/print.ts";
import { createProgressLine, formatPercent, silentLine } from "../_text/progress_line.ts";
import { chooseSplit, type ChosenSplit } from "./choose_split.ts";
import type { evaluateFlags } from "./evaluate_flags.ts";
import { describeModel, loadVariables, type OpenedModel, openModel } from "./open_model.ts";
import { computeReport, countTop, formatReport, TOP } from "./report.ts";

type Flags = FlagValues<typeof evaluateFlags>;

/** Images in a batch where nobody says it. */
const BATCH_SIZE = 128;

/** Evaluates a checkpoint on the images that the flags name. */
export function runEvaluation(flags: Flags): TE.TaskEither<Error, void> {
  const note = flags.quiet ? () => {} : printNote;
  return pipe(
    flags.checkpoint,
    TE.fromNullable(new UsageError("Cannot evaluate without --checkpoint FILE")),
    // Found out now, and not when there is something to write.
    TE.chainFirstW(() =>
      attempt(async () =>
        await checkOutputFile(flags.saveLogits, { name: "a NumPy array", magic: NPY_MAGIC })
      )
    ),
    TE.chainW((checkpoint) => openModel(checkpoint, flags)),
    TE.chainW((opened) =>
      withBackend(flags, note, (backend) => {
        const most = Math.min(flags.batchSize ?? BATCH_SIZE, flags.testImages ?? Infinity);
        return pipe(
          TE.fromEither(chooseThreads(flags.threads, backend, most)),
          TE.tapIO((threads) => () => {
            for (const line of describeBackend(backend, threads)) note(line);
            describeKernels(flags.kernels).forEach(note);
            describeModel(opened).forEach(note);
          }),
          // Before any data is fetched.
          TE.chainW(() => checkParams(opened.network, opened.tensors, opened.path)),
          TE.chainW(() => chooseSplit(opened, flags, note)),
          TE.chainW((chosen) => attempt(() => evaluateOn(backend, opened, chosen, flags, note))),
        );
      })
    ),
  );
}

async function evaluateOn(
  backend: Backend,
  opened: OpenedModel,
  { data, name, split, classes }: ChosenSplit,
  flags: Flags,
  note: (line: string) => void,
): Promise<void> {
  const { model, network, notFinite, path } = opened;
  const badRecords = createBadRecords(flags.onBadRecord ?? "fail");
  const workers = chooseWorkers(flags.workers ?? "auto", split);
  const { size } = split;
  const input = planInput(backend, planUse(model), { size, channels: data.channels });
  const logits: Uint8Array[] = [];
  const line = flags.quiet ? silentLine : createProgressLine();
  let inTop = 0;
  const batchSize = flags.batchSize ?? BATCH_SIZE;
  const tally = await evaluateSplit({
    backend,
    model,
    network,
    kernels: flags.kernels,
    threads: getOrThrow(chooseThreads(flags.threads, backend, Math.min(batchSize, split.length))),
    // While the other threads start.
    variables: async () => getOrThrow(await loadVariables(opened)()),
    batches: pipe(
      split.read({ seed: 0, epoch: 0, shuffle: false }),
      input.batches(batchSize, { workers, badRecords }),
    ),
    stepOptions: input.stepOptions,
    classes: classes.length,
    progress: (images) => {
      const share = Math.min(1, images / split.length);
      line.show(share, `testing, ${formatPercent(share)}`);
    },
    take: ({ outputs }, { labels }) => {
      if (classes.length > TOP) inTop += countTop(outputs, labels);
      if (flags.saveLogits !== undefined) logits.push(new Uint8Array(outputs.data.buffer));
    },
  });
  line.clear();
  const skipped = badRecords.format();
  if (skipped !== undefined) printNote(skipped);
  if (tally.examples === 0) {
    throw new Error(`Cannot evaluate ${path} on ${data.spec} as none of its images can be used`);
  }
  if (flags.saveLogits !== undefined) {
    const header = encodeNpyHeader([tally.examples, classes.length]);
    await writeFileAtomically(flags.saveLogits, [header, ...logits]);
    note(`logits: saved to ${flags.saveLogits}`);
  }
  const report = computeReport(tally, classes, classes.length > TOP ? inTop : undefined);
  const facts = { checkpoint: path, data: data.spec, split: name, notFinite };
  printResult(flags.json ? JSON.stringify({ ...facts, ...report }) : formatReport(report));
}
