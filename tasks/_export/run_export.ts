import { pipe } from "fp-ts/lib/function.js";
import * as TE from "fp-ts/lib/TaskEither.js";
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
  const { onnx, pytorch = false } = flags;
  return pipe(
    attempt(async () => {
      if (onnx === undefined && !pytorch) {
        throw new UsageError("Cannot export without --onnx FILE or --pytorch: name what is wanted");
      }
      await checkOutputFile(onnx, { name: "an ONNX file of Rill's", magic: ONNX_BEGINNING });
      return flags.checkpoint ?? await findNewestRun("export");
    }),
    TE.chainW((checkpoint) => openModel(checkpoint, flags)),
    TE.chainFirstW(({ network, tensors, path }) => checkParams(network, tensors, path)),
    TE.chainW((opened) => attempt(() => exportModel(opened, flags))),
  );
}

async function exportModel(opened: OpenedModel, { checkpoint, ...flags }: Flags): Promise<void> {
  const source = checkpoint === undefined ? ", of the newest run" : "";
  describeModel(opened, source).forEach(printNote);
  if (flags.onnx !== undefined) printNote(await writeOnnx(flags.onnx, opened));
  if (flags.pytorch) printResult(await formatPytorch(opened));
}
