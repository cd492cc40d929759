// A process that trains with Rill when it is told to. Its argument is a TrainerSettings as JSON. It says what it is made of, or
// why it can't; then it makes for each line as many steps as the line says, and answers with a TrainTurn as JSON.
import process from "node:process";
import {
  type Backend,
  getOrThrow,
  openBackend,
  readMetrics,
  type TrainingBatch,
} from "../../../models/mod.ts";
import { createState } from "../../../models/training/epochs/_create_state.ts";
import { loadPlan } from "../../../models/training/threads/_load_plan.ts";
import { planStep } from "../../../models/training/threads/_plan_steps.ts";
import { startThreads } from "../../../models/training/threads/_training_threads.ts";
import { formatError } from "../../_cli/errors.ts";
import { describeThreads } from "../../_model/describe_backend.ts";
import { type NetworkChoices, networks } from "../../_model/networks.ts";
import { chooseThreads } from "../../_model/choose_threads.ts";
import { chapter, toModelConfig } from "../../_train/settings/train_settings.ts";
import type { RunPlanOptions } from "../../_train/training_plan.ts";
import { countCommands } from "./count_commands.ts";
import { readLines } from "../shared/answering_process.ts";
import { makeRandomBatch } from "../shared/random_batch.ts";
import type { TrainerAnswer, TrainerSettings } from "./rill_trainer.ts";

/** Steps whose metrics are read together, as in training. */
const TOGETHER = 8;

const settings: TrainerSettings = JSON.parse(Deno.args[0] ?? "null");
const say = (answer: TrainerAnswer) => console.log(JSON.stringify(answer));
const counter = countCommands();

try {
  const { kernels, precision } = settings;
  const backend = await openBackend(settings.backend, {
    kernels,
    ...precision !== undefined && { precision },
  });
  await answerTurns(backend, settings);
} catch (error) {
  say({ missing: formatError(error) });
}
// A device may still be open.
Deno.exit();

async function answerTurns(
  backend: Backend,
  { threads: given, kernels, ...load }: TrainerSettings,
): Promise<void> {
  const { model = "alexnet", channels = 1 } = load;
  const { activation = chapter.activation, dropout = chapter.dropout }: NetworkChoices =
    networks[model].choices;
  const own = { model, activation, dropout, channels: channels === 1 ? 1 : 3 } as const;
  const settings = { ...chapter, ...load, ...own };
  const classNames = Array.from({ length: 10 }, (_, label) => String(label));
  const options: RunPlanOptions = { model: toModelConfig(settings, { classNames }), settings };
  const module = new URL("../../_train/training_plan.ts", import.meta.url);
  const plan = await loadPlan<TrainingBatch>(module, options);
  const threads = getOrThrow(chooseThreads(given, backend, settings.batchSize));
  const { seed } = settings;
  const address = String(module);
  using team = startThreads(threads, {
    module: address,
    options,
    kernels,
    task: { kind: "train", seed, starts: false },
  });
  const { communicator } = team;
  const step = planStep(plan, communicator, 1);
  const [even, odd] = [makeRandomBatch(load, 0), makeRandomBatch(load, 1)];
  let state = await createState(plan, { seed, start: undefined, threads: team, release() {} });
  say({ about: backend.description + describeThreads(backend, threads) });
  for await (const line of readLines(Deno.stdin.readable)) {
    const steps = Number(line);
    const before = counter.read();
    const start = performance.now();
    const losses: number[] = [];
    for (let first = 0; first < steps; first += TOGETHER) {
      const pending = [];
      for (let i = first; i < Math.min(first + TOGETHER, steps); i++) {
        const batch = i % 2 === 0 ? even : odd;
        team.step(batch);
        const [next, metrics] = step(state, batch);
        state = next;
        pending.push(metrics);
      }
      losses.push(...(await readMetrics(pending)).map(({ loss }) => loss));
      backend.check();
    }
    // The last step's update may not have been awaited with its metrics.
    await backend.sync();
    const seconds = (performance.now() - start) / 1000;
    const after = counter.read();
    say({
      seconds,
      loss: losses[0] ?? NaN,
      peakRss: process.resourceUsage().maxRSS * 1024,
      ...backend.name === "webgpu" && {
        commands: {
          dispatches: after.dispatches - before.dispatches,
          submits: after.submits - before.submits,
          uploads: after.uploads - before.uploads,
        },
      },
    });
  }
}
