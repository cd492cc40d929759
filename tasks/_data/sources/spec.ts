import { suggestWord } from "../../_cli/suggest_word.ts";
import { quotePath, UsageError } from "../../_cli/errors.ts";

/** The kinds of data that `--data` names, how each is written, and what it is. */
export const KINDS = {
  "fashion-mnist": { form: "fashion-mnist", about: "Fashion-MNIST, found or fetched" },
  folder: { form: "folder:DIR", about: "a sub-folder of PNG, JPEG or WebP files for each class" },
  shards: {
    form: "shards:GLOB|URL",
    about: "WebDataset's tar files, as data/{000..009}.tar",
  },
  csv: { form: "csv:FILE", about: "a table with a path and a label in each row" },
  idx: { form: "idx:DIR", about: "MNIST, KMNIST, EMNIST or QMNIST under their own file names" },
  cifar10: { form: "cifar10:DIR", about: "the binary version of CIFAR-10" },
  cifar100: { form: "cifar100:DIR", about: "the binary version of CIFAR-100" },
  "cifar100-coarse": { form: "cifar100-coarse:DIR", about: "CIFAR-100 by its 20 superclasses" },
} as const;

/** A kind of data. */
export type Kind = keyof typeof KINDS;

/** The words of other programs for a kind. */
const OTHER_NAMES: Readonly<Record<string, Kind>> = {
  dir: "folder",
  directory: "folder",
  imagefolder: "folder",
  images: "folder",
  photos: "folder",
  tar: "shards",
  wds: "shards",
  webdataset: "shards",
  tsv: "csv",
  table: "csv",
  mnist: "idx",
  emnist: "idx",
  kmnist: "idx",
  qmnist: "idx",
  cifar: "cifar10",
  "cifar-10": "cifar10",
  "cifar-100": "cifar100",
};

/** A data set as `--data` names it. */
export interface Spec {
  readonly kind: Kind;
  /** What is behind the colon. */
  readonly place: string;
}

const isKind = (word: string): word is Kind => Object.hasOwn(KINDS, word);

/**
 * Parses the value of `--data`.
 *
 * @throws {UsageError} If it is of no known kind, or names no place.
 */
export function parseSpec(spec: string): Spec {
  const colon = spec.indexOf(":");
  const kind = colon < 0 ? spec : spec.slice(0, colon);
  const place = colon < 0 ? "" : spec.slice(colon + 1);
  const refuse = (reason: string): never => {
    throw new UsageError(`Cannot use --data ${spec}: ${reason}`);
  };
  if (!isKind(kind)) {
    const word = kind.toLowerCase();
    // A drive of Windows, C:\photos, is a path too.
    const isPath = /[\\/.]/.test(kind) || /^[a-z]$/.test(word) || place.startsWith("//");
    const other = Object.hasOwn(OTHER_NAMES, word) ? OTHER_NAMES[word] : undefined;
    const near = other ?? (isPath ? undefined : suggestWord(word, Object.keys(KINDS)) as Kind);
    // A folder may be called photos, or like a kind: what is there is what is meant.
    const isThere = colon < 0 && exists(spec);
    if (near && !isThere) {
      return refuse(`there is no such kind; did you mean ${KINDS[near].form}?`);
    }
    if (isPath || isThere) {
      return refuse(`it names no kind; did you mean ${quotePath(`${guessKind(spec)}:${spec}`)}?`);
    }
    const forms = Object.values(KINDS).map(({ form }) => form).join(", ");
    return refuse(`there is no such kind; it must be one of ${forms}`);
  }
  if (kind === "fashion-mnist") {
    if (colon >= 0) return refuse("its folder is named by --data-dir");
  } else if (place === "") {
    return refuse(`it names no place; it is written ${KINDS[kind].form}`);
  } else if (/^~(?:[/\\]|$)/.test(place)) {
    return refuse(
      "a shell replaces ~ at the beginning of a word only; write $HOME behind the colon",
    );
  }
  return { kind, place };
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

const guessKind = (path: string): Kind =>
  /\.(?:csv|tsv)$/i.test(path)
    ? "csv"
    : /\.tar(?:\.gz)?$|\.tgz$|[{*]/i.test(path)
    ? "shards"
    : "folder";
