import * as E from "fp-ts/lib/Either.js";
import { encodePng } from "../../../pipelines/codecs/encode_png.ts";
import { booleanFlag, type FlagValues, integerFlag, pathFlag } from "../../_cli/flags.ts";
import { checkOutputFile, writeFileAtomically } from "../../_files/files.ts";
import { printNote, printResult } from "../../_text/print.ts";
import { dataFlags, prepareFlags, toOpenOptions } from "../data_flags.ts";
import { openData } from "../open_data.ts";
import { chooseWorkers } from "../prepare_images.ts";
import { drawContactSheet, SIDE } from "./contact_sheet.ts";
import { formatReport } from "./format_report.ts";
import { inspectData } from "./inspect_data.ts";

/** The first bytes of every PNG file. */
const PNG_MAGIC = Uint8Array.of(137, 80, 78, 71, 13, 10, 26, 10);

/** How many pictures of a class are on a contact sheet. */
const PER_CLASS = 8;

/** The flags of `deno task data`. */
export const lookFlags = {
  ...dataFlags,
  images: integerFlag({
    least: 1,
    help:
      "How many of the training records to look at: the first ones, or of folders and tables a " +
      "part with the classes in proportion",
    shownDefault: "all",
  }),
  testImages: integerFlag({
    least: 1,
    help: "How many of the test records, likewise",
    shownDefault: "all",
  }),
  workers: prepareFlags.workers,
  sheet: pathFlag({
    placeholder: "FILE.png",
    help: "Write a contact sheet: training pictures of each class, below its name",
  }),
  perClass: integerFlag({
    least: 1,
    most: 64,
    help: "Pictures of a class on the contact sheet",
    shownDefault: `${PER_CLASS}`,
  }),
  json: booleanFlag({ help: "Print one JSON object instead of the table" }),
  quiet: booleanFlag({ help: "Print the result and errors only" }),
};

/** Looks at the data that the flags name, and prints what there is to say of it. */
export async function runLook(flags: FlagValues<typeof lookFlags>): Promise<void> {
  const note = flags.quiet ? () => {} : printNote;
  const { sheet, perClass = PER_CLASS } = flags;
  await checkOutputFile(sheet, { name: "a PNG", magic: PNG_MAGIC });
  const options = { ...toOpenOptions(flags, note), isForTraining: false };
  const opened = await openData(flags.data ?? "fashion-mnist", options)();
  if (E.isLeft(opened)) throw opened.left;
  const data = opened.right;
  const { report, thumbnails } = await inspectData(data, {
    workers: chooseWorkers(flags.workers ?? "auto", data.train),
    quiet: flags.quiet,
    thumbnails: sheet === undefined ? undefined : { perClass, side: SIDE },
  });
  if (sheet !== undefined) {
    const image = drawContactSheet(data.classes, thumbnails, perClass);
    await writeFileAtomically(sheet, [await encodePng(image)]);
    note(`contact sheet: written to ${sheet}`);
  }
  printResult(flags.json ? JSON.stringify(report) : formatReport(report));
}
