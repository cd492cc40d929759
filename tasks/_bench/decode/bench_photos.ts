import { imageFolder } from "../../../pipelines/codecs/image_folder.ts";
import { createWorkerPool } from "../../../pipelines/workers/worker_pool.ts";
import { attempt } from "../../_cli/errors.ts";
import { booleanFlag, integerFlag } from "../../_cli/flags.ts";
import { runTask } from "../../_cli/run_task.ts";
import { formatTable } from "../../_text/format.ts";
import { formatDecimals, formatMachine, type Machine, readMachine } from "../shared/report.ts";
import { startPython } from "../shared/start_python.ts";
import { median, medianRatio } from "../shared/statistics.ts";
import { decodePhotos, loadPhotos, measureUse, type Use } from "./rill_photos.ts";

/** `deno task bench photos`. */
export const benchPhotos = (args: readonly string[]): Promise<void> =>
  runTask({
    name: "bench photos",
    about:
      "Measures how fast photos of a folder become batches of 64 for a network of 224 × 224, beside torchvision, in turn: decoded, " +
      "cropped, resized and mirrored at random, and normalized; and how fast they are decoded alone, beside Pillow.",
    flags: {
      pictures: integerFlag({ least: 64, help: "Pictures in an epoch", shownDefault: "2048" }),
      made: integerFlag({
        least: 2,
        help: "Different ones of them, which are made: of 375 × 500",
        shownDefault: "64",
      }),
      quality: integerFlag({
        least: 1,
        most: 100,
        help: "The quality that they are stored with",
        shownDefault: "90",
      }),
      rounds: integerFlag({
        least: 1,
        help: "How often to measure everything, in turn",
        shownDefault: "5",
      }),
      json: booleanFlag({ help: "Print one JSON object" }),
    },
  }, ({ json, pictures = 2048, made = 64, quality = 90, rounds = 5 }) =>
    attempt(async () => {
      const report = await measurePhotos({ pictures, made, quality, rounds });
      console.log(json ? JSON.stringify(report) : formatPhotos(report));
    }), args);

/** The report of `deno task bench photos`, as `--json` prints it. */
export interface PhotosReport {
  readonly machine: Machine;
  readonly peers: string | undefined;
  readonly pictures: number;
  readonly rounds: number;
  readonly figures: readonly PhotosFigures[];
  /** Resident memory of Rill's process after each round, in bytes. */
  readonly memory: readonly number[];
}

/** What something took, round by round. */
interface PhotosFigures {
  readonly name: string;
  /** The name of what it is compared with. */
  readonly beside?: string;
  readonly uses: readonly Use[];
  /** How many pictures each was of. */
  readonly pictures: number;
}

/** The names of those that others are compared with. */
const RILL = "Rill, one thread";
const TORCHVISION = "torchvision, 0 workers";
const PILLOW = "Pillow, decoding alone";
const PILLOW_PNG = "Pillow, decoding PNG";

async function measurePhotos(
  { pictures, made, quality, rounds }: {
    readonly pictures: number;
    readonly made: number;
    readonly quality: number;
    readonly rounds: number;
  },
): Promise<PhotosReport> {
  const machine = readMachine();
  const script = new URL("torchvision_photos.py", import.meta.url);
  const peers = await startPython(script, [], "torchvision and numpy");
  if ("missing" in peers) throw new Error(`Cannot measure photos: ${peers.missing}`);
  const dir = await Deno.makeTempDir();
  // As a training on files has it, workers go on from one epoch to the next; so do torchvision's.
  using pool = createWorkerPool();
  try {
    await peers.ask(`make ${dir} ${made} ${quality}`);
    const ask = async (question: string): Promise<Use> => {
      const [seconds = NaN, processors = NaN] = (await peers.ask(question)).split(" ").map(Number);
      return { seconds, processors };
    };
    const [jpeg, png] = await Promise.all(["jpg", "png"].map((kind) => readAll(`${dir}/${kind}`)));
    let epoch = 0;
    const load = (workers: number) => () =>
      measureUse(() => loadPhotos(`${dir}/jpg`, { workers, pool, pictures, epoch: epoch++ }));
    // What starts nothing needs no long turns.
    const few = Math.min(pictures, 512);
    const decode = (files: readonly Uint8Array[]) => () =>
      measureUse(() => decodePhotos(files, few));
    const rows: readonly (Omit<PhotosFigures, "uses"> & { readonly run: () => Promise<Use> })[] = [
      { name: RILL, beside: TORCHVISION, pictures, run: load(0) },
      { name: "Rill, two workers", beside: RILL, pictures, run: load(2) },
      { name: TORCHVISION, pictures, run: () => ask(`load ${dir}/jpg 0 ${pictures}`) },
      {
        name: "torchvision, 2 workers",
        beside: TORCHVISION,
        pictures,
        run: () => ask(`load ${dir}/jpg 2 ${pictures}`),
      },
      { name: "Rill, decoding alone", beside: PILLOW, pictures: few, run: decode(jpeg!) },
      { name: PILLOW, pictures: few, run: () => ask(`decode ${dir}/jpg - ${few}`) },
      { name: "Rill, decoding PNG", beside: PILLOW_PNG, pictures: few, run: decode(png!) },
      { name: PILLOW_PNG, pictures: few, run: () => ask(`decode ${dir}/png - ${few}`) },
    ];
    const figures = rows.map((row) => ({ ...row, uses: [] as Use[] }));
    const memory: number[] = [];
    // The first round warms up.
    for (let round = 0; round <= rounds; round++) {
      for (const { run, uses } of figures) {
        const use = await run();
        if (round > 0) uses.push(use);
      }
      memory.push(Deno.memoryUsage().rss);
    }
    return {
      machine,
      peers: peers.about,
      pictures,
      rounds,
      figures: figures.map(({ run: _, ...figure }) => figure),
      memory,
    };
  } finally {
    await peers.close();
    await Deno.remove(dir, { recursive: true });
  }
}

/** Reads all files of a folder of pictures. */
async function readAll(dir: string): Promise<Uint8Array[]> {
  const folder = await imageFolder(dir);
  return (await Promise.all(folder.paths.map((_, i) => folder.get(i)))).map(({ bytes }) => bytes);
}

/** Shows how fast photos are as a table. */
export function formatPhotos(
  { machine, peers, pictures, rounds, figures, memory }: PhotosReport,
): string {
  const pick = ({ uses }: PhotosFigures, key: keyof Use) => uses.map((use) => use[key]);
  const rows = figures.map((one) => {
    const other = figures.find(({ name }) => name === one.beside);
    const ratio = (key: keyof Use) =>
      other ? medianRatio(pick(other, key), pick(one, key)).toFixed(2) : "";
    return [
      one.name,
      formatDecimals(one.pictures / median(pick(one, "seconds"))),
      (1000 * median(pick(one, "processors")) / one.pictures).toFixed(2),
      one.beside ?? "",
      ratio("seconds"),
      ratio("processors"),
    ];
  });
  const head = ["photos", "a second", "CPU ms each", "faster than", "by", "by CPU"];
  const megabytes = memory.map((bytes) => Math.round(bytes / 1e6));
  return [
    `Epochs of ${pictures} photos, medians of ${rounds} rounds in turn; ${formatMachine(machine)}`,
    `${peers}`,
    "",
    ...formatTable([head, ...rows], { right: [1, 2, 4, 5] }),
    "",
    `resident memory of Rill's process after each round: ${megabytes.join(", ")} MB`,
  ].join("\n");
}
