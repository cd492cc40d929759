import { type Backend, getOrThrow, NotFiniteError } from "../../models/mod.ts";
import { createWorkerPool } from "../../pipelines/workers/worker_pool.ts";
import { attempt } from "../_cli/errors.ts";
import type { FlagValues } from "../_cli/flags.ts";
import { listenForInterrupt } from "../_cli/interrupt.ts";
import { chooseWorkers, createBadRecords } from "../_data/prepare_images.ts";
import { withBackend } from "../_model/with_backend.ts";
import { planEpochs, runEpochs } from "./plan_epochs.ts";
import { outlineData, reopenData } from "./reopen_data.ts";
import type { DataMark, RunConfig } from "./run_config.ts";
import { planTrainInput } from "./train_input.ts";
import type { trainFlags } from "./train_flags.ts";
import { openInTurns, type RankJob, takeJob } from "./rank_job.ts";
import { checkCode, type Ranks } from "./ranks.ts";

type Flags = FlagValues<typeof trainFlags>;

const silent = () => {};

/**
 * Takes part in a run as another rank than the first, which plans it, prints and saves. Does nothing where that finds nothing to do,
 * and goes back with it where the numbers cease to be finite.
 */
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
  ranks: Ranks,
  first: RankJob,
  flags: Flags,
): Promise<void> {
  const { communicator, hosts } = ranks;
  const { model, settings, data: expected } = first.config;
  const host = hosts[communicator.rank]!;
  await checkCode(first.config, host);
  const { data } = getOrThrow(
    await reopenData(
      { flags, note: silent },
      settings,
      expected,
      (found) => new Error(describeOther(found, first.config, host)),
    )(),
  );
  if (String(await outlineData(data)) !== String(first.outlines)) {
    throw new Error(
      `Cannot train on ${settings.data} of ${host} as it isn't that of rank 0: its files have other names, sizes or contents`,
    );
  }
  using pool = createWorkerPool();
  const input = await openInTurns(
    ranks,
    flags.cache,
    () =>
      planTrainInput(backend, data, settings, model, {
        workers: chooseWorkers(flags.workers ?? "auto", data.train),
        pool,
        badRecords: createBadRecords(settings.onBadRecord),
        cache: flags.cache,
        quiet: true,
        note: silent,
      }),
  );
  const controller = new AbortController();
  using _interrupt = listenForInterrupt(() => controller.abort());
  for (let job: RankJob | undefined = first; job; job = takeJob(communicator)) {
    const { config, threadCount, history, steps, ...weights } = job;
    const training = planEpochs({
      backend,
      config,
      data,
      input,
      options: { model: config.model, settings: config.settings, ...weights },
      threadCount,
      steps,
      processes: communicator,
      signal: controller.signal,
    });
    try {
      // The first rank saves.
      for await (const _ of runEpochs(training, config.settings, history, () => Promise.resolve()));
      return;
    } catch (error) {
      if (!(error instanceof NotFiniteError)) throw error;
      // All ranks have come here. The first one looks for where it arose, and then fails or has all go back.
    }
  }
}

/** Describes data that aren't those of the first rank. */
function describeOther(
  found: DataMark | undefined,
  { data: expected, settings: { data, images, testImages } }: RunConfig,
  host: string,
): string {
  const numbers = found
    ? `there are ${found.images} training images here and ${expected.images} there` +
      (found.images === expected.images ? ", with other labels" : "")
    : `there are fewer than ${images} training images or ${testImages} test images here`;
  return `Cannot train on ${data} of ${host} as it isn't that of rank 0: ${numbers}`;
}
