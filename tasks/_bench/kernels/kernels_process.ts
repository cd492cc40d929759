// A process that runs kernels when it is told to. Its argument is a TrainerSettings as JSON. It says which kernels it can run, or
// why it can't; then it answers a KernelsQuestion a line with a KernelsAnswer, both as JSON.
import { formatError } from "../../_cli/errors.ts";
import { buildModel } from "../../_model/model_config.ts";
import { type Backend, getOrThrow, openBackend } from "../../../models/mod.ts";
import { listKernelWorkloads, type Prepared } from "./kernel_workloads.ts";
import { listLayerWorkloads } from "./layer_workloads.ts";
import type { KernelsAnswer, KernelsQuestion } from "./kernels_contestant.ts";
import { readLines } from "../shared/answering_process.ts";
import { profileStep } from "./profile_step.ts";
import { makeRandomBatch } from "../shared/random_batch.ts";
import type { TrainerSettings } from "../train/rill_trainer.ts";

const settings: TrainerSettings = JSON.parse(Deno.args[0] ?? "null");
const say = (answer: KernelsAnswer) => console.log(JSON.stringify(answer));

try {
  const backend = await openBackend(settings.backend, { kernels: settings.kernels });
  await answer(backend);
} catch (error) {
  say({ missing: formatError(error) });
}
// A device may still be open.
Deno.exit();

async function answer(backend: Backend): Promise<void> {
  const network = getOrThrow(
    buildModel({ side: settings.side, channels: 1, classes: 10, dropout: 0.5 }),
  );
  const workloads = [
    ...listKernelWorkloads(network, settings.batchSize),
    ...listLayerWorkloads(settings.batchSize),
  ];
  say({
    about: backend.description,
    workloads: workloads.map(({ name, flops, bytes }) => ({ name, flops, bytes })),
  });
  const batch = makeRandomBatch(settings, 0);
  let prepared: Prepared | undefined;
  for await (const line of readLines(Deno.stdin.readable)) {
    const question: KernelsQuestion = JSON.parse(line);
    if ("profile" in question) {
      say({ profile: await profileStep(backend, network, batch, question.profile) });
    } else if ("prepare" in question) {
      prepared?.release();
      prepared = question.prepare === null ? undefined : workloads[question.prepare]?.prepare();
      await backend.sync();
      say({ seconds: 0 });
    } else {
      const start = performance.now();
      for (let i = 0; i < question.run; i++) prepared!.run();
      await backend.sync();
      say({ seconds: (performance.now() - start) / 1000 });
    }
  }
}
