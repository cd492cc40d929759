import { imageFolder } from "../../../pipelines/codecs/image_folder.ts";
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
      pictures: integerFlag({ least: 64, help: "Pictures in an epoch", shownDefault: "1024" }),
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
  }, ({ json, pictures = 1024, made = 64, quality = 90, rounds = 5 }) =>
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
  readonly beside: string | undefined;
  readonly uses: readonly Use[];
}

/** All that is measured, and what it is compared with. */
const ROWS = {
  rill: ["Rill, one thread", "torchvision, 0 workers"],
  workers: ["Rill, two workers", "Rill, one thread"],
  torchvision: ["torchvision, 0 workers", undefined],
  torchvisionWorkers: ["torchvision, 2 workers", "torchvision, 0 workers"],
  decoding: ["Rill, decoding alone", "Pillow, decoding alone"],
  pillow: ["Pillow, decoding alone", undefined],
  png: ["Rill, decoding PNG", "Pillow, decoding PNG"],
  pillowPng: ["Pillow, decoding PNG", undefined],
} as const;

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
  try {
    await peers.ask(`make ${dir} ${made} ${quality}`);
    const ask = async (question: string): Promise<Use> => {
      const [seconds = NaN, processors = NaN] = (await peers.ask(question)).split(" ").map(Number);
      return { seconds, processors };
    };
    const [jpeg, png] = await Promise.all(["jpg", "png"].map((kind) => readAll(`${dir}/${kind}`)));
    let epoch = 0;
    const load = (workers: number) => () =>
      measureUse(() => loadPhotos(`${dir}/jpg`, { workers, pictures, epoch: epoch++ }));
    const runs: Readonly<Record<keyof typeof ROWS, () => Promise<Use>>> = {
      rill: load(0),
      workers: load(2),
      torchvision: () => ask(`load ${dir}/jpg 0 ${pictures}`),
      torchvisionWorkers: () => ask(`load ${dir}/jpg 2 ${pictures}`),
      decoding: () => measureUse(() => decodePhotos(jpeg!, pictures)),
      pillow: () => ask(`decode ${dir}/jpg - ${pictures}`),
      png: () => measureUse(() => decodePhotos(png!, pictures)),
      pillowPng: () => ask(`decode ${dir}/png - ${pictures}`),
    };
    const figures = (Object.keys(ROWS) as (keyof typeof ROWS)[]).map((key) => {
      const [name, beside] = ROWS[key];
      return { name, beside, run: runs[key], uses: [] as Use[] };
    });
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
      figures: figures.map(({ name, beside, uses }) => ({ name, beside, uses })),
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
      formatDecimals(pictures / median(pick(one, "seconds"))),
      (1000 * median(pick(one, "processors")) / pictures).toFixed(2),
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
