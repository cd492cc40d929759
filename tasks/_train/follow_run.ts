import { type Backend, getOrThrow } from "../../models/mod.ts";
import { attempt } from "../_cli/errors.ts";
import type { FlagValues } from "../_cli/flags.ts";
import { listenForInterrupt } from "../_cli/interrupt.ts";
import { chooseWorkers, createBadRecords } from "../_data/prepare_images.ts";
import { withBackend } from "../_model/with_backend.ts";
import { planEpochs, runEpochs } from "./plan_epochs.ts";
import { markData } from "./run_config.ts";
import { chooseData } from "./run_request.ts";
import { planTrainInput } from "./train_input.ts";
import type { trainFlags } from "./train_flags.ts";
import { type RankJob, takeJob } from "./rank_job.ts";
import type { Ranks } from "./ranks.ts";

type Flags = FlagValues<typeof trainFlags>;

const silent = () => {};

/** Takes part in a run as another rank than the first, which plans it, prints and saves. Does nothing where that finds nothing to do. */
export async function followRun(ranks: Ranks, flags: Flags): Promise<void> {
  const job = takeJob(ranks.communicator);
  if (!job) return;
  const { backend, kernels, precision } = job.config.runtime;
  const run = withBackend(
    { backend, kernels, precision },
    silent,
    (backend) => attempt(() => trainAlong(backend, ranks, job, flags)),
  );
  getOrThrow(await run());
}

async function trainAlong(
  backend: Backend,
  { communicator, hosts }: Ranks,
  { config, threadCount, history, steps, ...weights }: RankJob,
  flags: Flags,
): Promise<void> {
  const { model, settings } = config;
  const data = getOrThrow(await chooseData({ flags, note: silent }, settings, settings)());
  const found = await markData(data);
  if (found.images !== config.data.images || found.labels !== config.data.labels) {
    throw new Error(
      `Cannot train on ${settings.data} of ${
        hosts[communicator.rank]
      } as it isn't that of rank 0: ` +
        `there are ${found.images} training images here and ${config.data.images} there` +
        (found.images === config.data.images ? ", with other labels" : ""),
    );
  }
  const input = await planTrainInput(backend, data, settings, model, {
    workers: chooseWorkers(flags.workers ?? "auto", data.train),
    badRecords: createBadRecords(settings.onBadRecord),
    cache: flags.cache,
    quiet: true,
    note: silent,
  });
  const controller = new AbortController();
  using _interrupt = listenForInterrupt(() => controller.abort());
  const training = planEpochs({
    backend,
    config,
    data,
    input,
    options: { model, settings, ...weights },
    threadCount,
    steps,
    processes: communicator,
    signal: controller.signal,
  });
  // The first rank saves.
  for await (const _ of runEpochs(training, settings, history, () => Promise.resolve()));
}
