import * as E from "fp-ts/lib/Either.js";
import {
  booleanFlag,
  choiceFlag,
  type Flag,
  type FlagValues,
  integerFlag,
  numberFlag,
  pathFlag,
} from "../_cli/flags.ts";
import { dataDirFlag } from "./fetch/ensure_dataset.ts";
import type { OpenDataOptions } from "./open_data.ts";
import { KINDS } from "./sources/spec.ts";

const kinds = Object.values(KINDS).map(({ form, about }) => `${form} (${about})`).join("; ");

/** The flag that takes a number of workers, or `auto`. */
const workersFlag: Flag<number | "auto"> = {
  ...integerFlag({
    least: 0,
    most: 256,
    help: "Workers that decode, resize and augment, beside the thread that does the rest; with 0 " +
      "that thread does it. The bytes and their order are the same",
    shownDefault: "auto: workers where pictures are decoded",
  }),
  placeholder: "N|auto",
  read: (text) =>
    text === "auto" ? E.right(text) : E.mapLeft((needed: string) => `auto or ${needed}`)(
      workersCount.read(text),
    ),
};

const workersCount = integerFlag({ least: 0, most: 256, help: "" });

/** The flags that say which data to use: of every task that reads images. */
export const dataFlags = {
  data: pathFlag({
    placeholder: "SPEC",
    help: `The data: ${kinds}`,
    shownDefault: "fashion-mnist",
  }),
  dataDir: dataDirFlag,
  labels: pathFlag({
    placeholder: "FILE",
    help: "With shards: a CSV of a key and a label in each row, where they have neither cls nor " +
      "json; or a text of the classes' names, one a line",
  }),
  followLinks: booleanFlag({
    help: "With a folder: take pictures that links lead to outside of it",
  }),
  validation: numberFlag({
    least: 0,
    below: 1,
    help: "Share of the training records to validate with, the classes in proportion",
    shownDefault:
      "the data's own validation split, if it has one; train holds out 0.1 of pictures without",
  }),
};

/** The flags that say how records become images of one size. */
export const prepareFlags = {
  resize: choiceFlag(["stretch", "crop"], {
    help: "Stretch images to the side whatever their proportions, or resize the shorter side to " +
      "256/224 of it and take the middle",
    shownDefault: "stretch; crop for pictures",
  }),
  orientation: choiceFlag(["apply", "ignore"], {
    help: "Turn pictures as their EXIF says, or leave them as torchvision does",
    shownDefault: "apply",
  }),
  workers: workersFlag,
  onBadRecord: choiceFlag(["fail", "skip"], {
    help: "End at a picture that cannot be decoded, or leave it out and say so at the end",
    shownDefault: "fail",
  }),
  cache: pathFlag({
    placeholder: "memory|DIR",
    help: "Keep decoded and resized pictures in memory, or in a folder",
    shownDefault: "none",
  }),
};

/** Selects the options of `openData` from the flags of a task. */
export const toOpenOptions = (
  flags: FlagValues<typeof dataFlags> & {
    readonly quiet?: boolean;
    readonly images?: number;
    readonly testImages?: number;
    readonly seed?: number;
  },
  log: (line: string) => void,
): OpenDataOptions => ({
  dataDir: flags.dataDir,
  labels: flags.labels,
  followLinks: flags.followLinks,
  validation: flags.validation,
  images: flags.images,
  testImages: flags.testImages,
  seed: flags.seed,
  quiet: flags.quiet,
  log,
});
