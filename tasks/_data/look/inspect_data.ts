import { createWorkerPool, inWorkers, map } from "../../../pipelines/mod.ts";
import { createProgressLine, formatPercent, silentLine } from "../../_text/progress_line.ts";
import { listClassProblems } from "../open_data.ts";
import { type DataSet, listSplits, type SplitName } from "../sets/data_set.ts";
import { countLabels } from "../sets/splits.ts";
import type { Thumbnail } from "./contact_sheet.ts";
import inspectRecord, { type Inspection, type InspectItem } from "./inspect_module.ts";

/** Rows and columns. */
export interface Size {
  readonly height: number;
  readonly width: number;
}

/** Two records that are the same picture, by name. */
export interface Twins {
  readonly first: string;
  readonly second: string;
}

/** What there is to say of a data set. */
export interface DataReport {
  readonly data: string;
  readonly classes: readonly string[];
  /** The records of each split, in all and by class. */
  readonly splits: readonly {
    readonly name: SplitName;
    readonly records: number;
    readonly byClass: readonly number[];
  }[];
  /** What keeps it from being trained on. */
  readonly problems: readonly string[];
  /** How many times as many training records the largest class has as the smallest that has some. */
  readonly imbalance: number;
  /** By the number of pixels; null where nothing could be decoded. */
  readonly sizes: { readonly smallest: Size; readonly median: Size; readonly largest: Size } | null;
  /** How many records are gray, RGB, and either with alpha. */
  readonly modes: Readonly<Record<string, number>>;
  /** How many records are files of each format, or stored as pixels. */
  readonly formats: Readonly<Record<string, number>>;
  readonly broken: {
    readonly count: number;
    readonly first: readonly { readonly name: string; readonly reason: string }[];
  };
  /** The same picture twice in a split. */
  readonly repeated: { readonly count: number; readonly first: readonly Twins[] };
  /** A picture of the validation or test split that is in the training split, too, or in the other of the two. */
  readonly leaked: { readonly count: number; readonly first: readonly Twins[] };
  /** The same picture under two classes. */
  readonly contradictory: { readonly count: number; readonly first: readonly Twins[] };
}

/** How many records of a kind are named. */
const NAMED = 5;

/** The names of the modes by their channels. */
const MODES = ["", "gray", "gray with alpha", "RGB", "RGB with alpha"];

/** Options for {@linkcode inspectData}. */
export interface InspectOptions {
  readonly workers: number;
  readonly quiet?: boolean | undefined;
  /** How many small pictures of each class to give, and their side. */
  readonly thumbnails?: { readonly perClass: number; readonly side: number } | undefined;
}

/** Looks at all records of a data set: decodes each, in workers where there are any. */
export async function inspectData(
  data: DataSet,
  { workers, quiet = false, thumbnails }: InspectOptions,
): Promise<{ readonly report: DataReport; readonly thumbnails: readonly Thumbnail[] }> {
  const splits = listSplits(data);
  const total = splits.reduce((sum, [, { length }]) => sum + length, 0);
  const line = quiet ? silentLine : createProgressLine();
  // One split after the other.
  using pool = createWorkerPool();
  const inspect = workers === 0
    ? map(inspectRecord)
    : inWorkers<InspectItem, Awaited<ReturnType<typeof inspectRecord>>>(
      workers,
      new URL("inspect_module.ts", import.meta.url),
      { pool },
    );
  const findings = createFindings();
  const small: Thumbnail[] = [];
  let done = 0;
  for (const [name, split] of splits) {
    const chosen = name === "train" && thumbnails
      ? chooseRecords(split.labels, thumbnails.perClass)
      : new Set<number>();
    let place = 0;
    const items = map((record: InspectItem["record"]): InspectItem => ({
      record,
      thumbnail: chosen.has(place++) ? thumbnails!.side : 0,
    }))(split.read({ seed: 0, epoch: 0, shuffle: false }));
    let index = 0;
    for await (const found of inspect(items)) {
      const label = split.labels[index]!;
      if ("problem" in found) findings.addBroken(split.name(index), found.problem);
      else {
        findings.add(found, name, label, split.name(index));
        if (found.thumbnail) small.push({ label, image: found.thumbnail });
      }
      index++;
      const share = ++done / total;
      line.show(share, `looking at ${done} of ${total} records, ${formatPercent(share)}`);
    }
  }
  line.clear();
  const byClass = countLabels(data.train.labels, data.classes.length).filter((count) => count > 0);
  const report = {
    data: data.spec,
    classes: data.classes,
    splits: splits.map(([name, { length, labels }]) => ({
      name,
      records: length,
      byClass: countLabels(labels, data.classes.length),
    })),
    problems: listClassProblems(data),
    imbalance: Math.max(...byClass) / Math.min(...byClass),
    ...findings.summarize(),
  };
  return { report, thumbnails: small };
}

/** Chooses so many records of each class, spread over them. */
function chooseRecords(labels: ArrayLike<number>, perClass: number): Set<number> {
  const places = Map.groupBy(
    Array.from({ length: labels.length }, (_, i) => i),
    (index) => labels[index]!,
  );
  const chosen = new Set<number>();
  for (const indices of places.values()) {
    const count = Math.min(perClass, indices.length);
    for (let i = 0; i < count; i++) chosen.add(indices[Math.floor(i * indices.length / count)]!);
  }
  return chosen;
}

/** A picture that was seen. */
interface Seen {
  readonly name: string;
  readonly split: SplitName;
  readonly label: number;
}

/** Gathers what is found, record by record. */
function createFindings() {
  const sizes: Size[] = [];
  const modes: Record<string, number> = {};
  const formats: Record<string, number> = {};
  const [broken, repeated, leaked, contradictory] = [
    createList<{ name: string; reason: string }>(),
    createList<Twins>(),
    createList<Twins>(),
    createList<Twins>(),
  ];
  const seen = new Map<string, Seen>();
  const count = (counts: Record<string, number>, key: string) =>
    counts[key] = (counts[key] ?? 0) + 1;
  return {
    addBroken: (name: string, reason: string) => broken.add({ name, reason }),
    add(
      { height, width, channels, format, hash }: Inspection,
      split: SplitName,
      label: number,
      name: string,
    ) {
      sizes.push({ height, width });
      count(modes, MODES[channels] ?? `${channels} channels`);
      count(formats, format ?? "pixels");
      const twin = seen.get(hash);
      if (!twin) return void seen.set(hash, { name, split, label });
      const twins = { first: twin.name, second: name };
      (twin.split === split ? repeated : leaked).add(twins);
      if (twin.label !== label) contradictory.add(twins);
    },
    summarize() {
      const area = ({ height, width }: Size) => height * width;
      const sorted = sizes.toSorted((a, b) => area(a) - area(b));
      const [smallest, largest] = [sorted[0], sorted.at(-1)];
      const median = sorted[sorted.length >> 1];
      return {
        sizes: smallest && median && largest ? { smallest, median, largest } : null,
        modes,
        formats,
        broken: broken.get(),
        repeated: repeated.get(),
        leaked: leaked.get(),
        contradictory: contradictory.get(),
      };
    },
  };
}

/** A count, and the first few of what is counted. */
function createList<T>() {
  const first: T[] = [];
  let count = 0;
  return {
    add(item: T): void {
      if (count++ < NAMED) first.push(item);
    },
    get: () => ({ count, first: first as readonly T[] }),
  };
}
