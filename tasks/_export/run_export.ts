import { pipe } from "fp-ts/lib/function.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import { writeCard } from "../_card/write_card.ts";
import { attempt, UsageError } from "../_cli/errors.ts";
import type { FlagValues } from "../_cli/flags.ts";
import { modelFlags } from "../_evaluate/model_flags.ts";
import { describeModel, type OpenedModel, openModel } from "../_evaluate/open_model.ts";
import { checkOutputFile } from "../_files/files.ts";
import { checkParams } from "../_model/checkpoint.ts";
import { findNewestRun } from "../_predict/find_newest_run.ts";
import { printNote, printResult } from "../_text/print.ts";
import type { exportFlags } from "./export_flags.ts";
import { formatPytorch } from "./format_pytorch.ts";
import { ONNX_BEGINNING, writeOnnx } from "./write_onnx.ts";

type Flags = FlagValues<typeof exportFlags>;

/** Exports a checkpoint as the flags say. */
export function runExport(flags: Flags): TE.TaskEither<Error, void> {
  const { onnx, pytorch = false, card, license } = flags;
  const wantsModel = onnx !== undefined || pytorch;
  return pipe(
    attempt(async () => {
      if (!wantsModel && card === undefined) {
        throw new UsageError(
          "Cannot export without --onnx FILE, --pytorch or --card RUN: name what is wanted",
        );
      }
      if (license !== undefined && card === undefined) {
        throw new UsageError("Cannot use --license without --card RUN: it is named there");
      }
      if (!wantsModel) refuseModelFlags(flags);
      await checkOutputFile(onnx, { name: "an ONNX file of Rill's", magic: ONNX_BEGINNING });
      if (card !== undefined) {
        printNote(`card: saved to ${await writeCard(card, { license, note: printNote })}`);
      }
    }),
    TE.chainW(() => wantsModel ? exportCheckpoint(flags) : TE.right(undefined)),
  );
}

/** Refuses flags that say which model is exported, and how it is read, where there is only a page to write. */
function refuseModelFlags(flags: Flags): void {
  const names = ["checkpoint", ...Object.keys(modelFlags)] as (keyof Flags)[];
  const given = names.find((name) => flags[name] !== undefined);
  if (given === undefined) return;
  throw new UsageError(
    `Cannot use --${given} without --onnx FILE or --pytorch: --card RUN tells of the run in that folder`,
  );
}

const exportCheckpoint = (flags: Flags): TE.TaskEither<Error, void> =>
  pipe(
    attempt(async () => flags.checkpoint ?? await findNewestRun("export")),
    TE.chainW((checkpoint) => openModel(checkpoint, flags)),
    TE.chainFirstW(({ network, tensors, path }) => checkParams(network, tensors, path)),
    TE.chainW((opened) => attempt(() => exportModel(opened, flags))),
  );

async function exportModel(opened: OpenedModel, { checkpoint, ...flags }: Flags): Promise<void> {
  const source = checkpoint === undefined ? ", of the newest run" : "";
  describeModel(opened, source).forEach(printNote);
  // Before anything is written: it may be refused.
  const program = flags.pytorch ? await formatPytorch(opened) : undefined;
  if (flags.onnx !== undefined) printNote(await writeOnnx(flags.onnx, opened));
  if (program !== undefined) printResult(program);
}
