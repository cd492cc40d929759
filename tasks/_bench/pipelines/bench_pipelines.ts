import * as library from "../../../pipelines/mod.ts";
import { attempt } from "../../_cli/errors.ts";
import { booleanFlag, integerFlag } from "../../_cli/flags.ts";
import { runTask } from "../../_cli/run_task.ts";
import { against, runComparison } from "../against/against_flag.ts";
import type { Pair } from "../against/compare_checkouts.ts";
import { splitAbsentees } from "../shared/absentee.ts";
import { readMachine } from "../shared/report.ts";
import { BATCH_SIZE, type Contestant, STORED_SIDE } from "./contestant.ts";
import { measureLoaders } from "./measure_loaders.ts";
import { measureMemory } from "./measure_memory.ts";
import { measureStages } from "./measure_stages.ts";
import { measurePipelinesOfBoth } from "./pipelines_checkout.ts";
import { formatPipelinesReport } from "./pipelines_report.ts";
import type { PipelinesReport } from "./pipelines_report.ts";
import { makeRandomImages } from "../pipelines/stored_images.ts";
import { makeRillLoader } from "./rill_loader.ts";
import { readStoredImages } from "./stored_images.ts";
import { median, medianRatio } from "../shared/statistics.ts";
import { startTfjsDataLoader } from "./tfjs_data_loader.ts";
import { startTorchvisionLoader } from "./torchvision_loader.ts";

/** `deno task bench pipelines`. */
export const benchPipelines = (args: readonly string[]): Promise<void> =>
  runTask({
    name: "bench pipelines",
    about:
      "Measures how fast images come as batches for training, beside torchvision's DataLoader and tfjs-data, how much " +
      "memory an epoch takes, and what a stage costs that does nothing. With --against: only the times, of items through each " +
      "stage and of loading, without peers; about 4 minutes on 2 cores.",
    flags: {
      images: integerFlag({
        least: BATCH_SIZE,
        most: 60_000,
        help: "Images that Rill loads in a run",
        shownDefault: "6400",
      }),
      rounds: integerFlag({
        least: 1,
        help: "How often to measure everything, in turn",
        shownDefault: "7",
      }),
      side: integerFlag({
        least: 1,
        most: 4096,
        help: "Side of the resized images, in pixels",
        shownDefault: "224",
      }),
      epoch: integerFlag({
        least: 1,
        help: "Images of the epoch whose memory is measured",
        shownDefault: "60000",
      }),
      items: integerFlag({
        least: 1,
        help: "Items that go through each stage",
        shownDefault: "100000; 200000 with --against",
      }),
      peers: booleanFlag({
        negatable: true,
        help: "Measure torchvision and tfjs-data too",
        shownDefault: "yes",
      }),
      against,
      json: booleanFlag({ help: "Print one JSON object" }),
    },
  }, ({ json, against, ...given }) =>
    attempt(async () => {
      if (against !== undefined) {
        const { images = 6_400, side = 224, items = 200_000, rounds } = given;
        const work = { images: [images, images * UNRESIZED], side, items } as const;
        const measure = (checkouts: Pair<URL>) => measurePipelinesOfBoth(checkouts, work);
        return await runComparison(against, { rounds, json, measure });
      }
      const report = await measurePipelines({
        images: 6_400,
        rounds: 7,
        side: 224,
        epoch: 60_000,
        items: 100_000,
        peers: true,
        ...given,
      });
      console.log(json ? JSON.stringify(report) : formatPipelinesReport(report));
    }), args);

interface Budget {
  readonly images: number;
  readonly rounds: number;
  readonly side: number;
  readonly epoch: number;
  readonly items: number;
  readonly peers: boolean;
}

async function measurePipelines(
  { images, rounds, side, epoch, items, peers }: Budget,
): Promise<PipelinesReport> {
  // Memory first, while the process holds nothing else, and the less of it first, as the system knows only the most.
  const all = readStoredImages(makeRandomImages(epoch));
  const recycled = await measureMemory(all, { side, recycled: true });
  const memory = [
    { name: "Rill, batches recycled", ...recycled },
    { name: "Rill", ...await measureMemory(all, { side, recycled: false }) },
  ];
  const stages = await measureStages(library, items, rounds);

  const source = readStoredImages(makeRandomImages(images * UNRESIZED));
  const found = [
    makeRillLoader(library, source, { recycled: true }),
    makeRillLoader(library, source, { recycled: false }),
    ...peers
      ? [
        await startTorchvisionLoader(),
        await startTfjsDataLoader("wasm"),
        await startTfjsDataLoader("cpu"),
      ]
      : [],
  ];
  const { contestants, missing } = splitAbsentees<Contestant>(found);
  try {
    const loads = [];
    for (const load of [{ side, images }, { side: STORED_SIDE, images: images * UNRESIZED }]) {
      const shares = contestants.map((contestant) => {
        const batches = load.images / (SHARES[contestant.name] ?? 1) / BATCH_SIZE;
        return { contestant, load: { ...load, images: Math.ceil(batches) * BATCH_SIZE } };
      });
      const figures = await measureLoaders(shares, rounds);
      const [first] = figures;
      loads.push({
        side: load.side,
        loaders: figures.map((
          { contestant: { name, about }, load: { images }, imagesPerSecond },
        ) => ({
          name,
          about,
          images,
          imagesPerSecond: median(imagesPerSecond),
          runs: imagesPerSecond,
          ratio: medianRatio(first?.imagesPerSecond ?? [], imagesPerSecond),
        })),
      });
    }
    return {
      machine: readMachine(),
      rounds,
      loads,
      missing,
      memory,
      images: epoch,
      side,
      stages,
    };
  } finally {
    for (const { close } of contestants) await close();
  }
}

/** Multiplies the images of a run where they are not resized. */
const UNRESIZED = 4;

/** The slow ones load fewer images, so that a round doesn't take minutes: an image takes none of them longer for it. */
const SHARES: Readonly<Record<string, number>> = {
  "torchvision, 0 workers": 5,
  "tfjs-data, wasm backend": 10,
  "tfjs-data, cpu backend": 50,
};
