import { pipe } from "fp-ts/lib/function.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import { writeCard } from "../_card/write_card.ts";
import { attempt, UsageError } from "../_cli/errors.ts";
import type { FlagValues } from "../_cli/flags.ts";
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
      await checkOutputFile(onnx, { name: "an ONNX file of Rill's", magic: ONNX_BEGINNING });
      if (card !== undefined) printNote(`card: saved to ${await writeCard(card, license)}`);
    }),
    TE.chainW(() => wantsModel ? exportCheckpoint(flags) : TE.right(undefined)),
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
  if (flags.onnx !== undefined) printNote(await writeOnnx(flags.onnx, opened));
  if (flags.pytorch) printResult(await formatPytorch(opened));
}
