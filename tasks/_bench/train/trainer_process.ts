// A process that trains with Rill when it is told to. Its argument is a TrainerSettings as JSON. It says what it is made of, or
// why it can't; then it makes for each line as many steps as the line says, and answers with a TrainTurn as JSON.
import process from "node:process";
import { errorLine } from "../../_cli/error_line.ts";
import { inThreads } from "../../_model/in_threads.ts";
import { buildModel } from "../../_model/build_model.ts";
import { chooseThreads } from "../../_train/choose_threads.ts";
import { chooseOptimizer, startState } from "../../_train/start_of_training.ts";
import { modelOfSettings } from "../../_train/model_of_settings.ts";
import { openTeam } from "../../_train/team.ts";
import { chapter } from "../../_train/train_settings.ts";
import { type Backend, openBackend, readMetrics, trainStep } from "../../../models/mod.ts";
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
  say({ missing: errorLine(error) });
}
// A device may still be open.
Deno.exit();

async function answerTurns(
  backend: Backend,
  { threads: given, kernels, ...load }: TrainerSettings,
): Promise<void> {
  const settings = { ...chapter, ...load };
  const { batchSize } = settings;
  const model = modelOfSettings(settings);
  const network = buildModel(model);
  const optimizer = chooseOptimizer(settings);
  const threads = chooseThreads(given, backend, batchSize);
  using team = openTeam(threads, batchSize, { model, settings, kernels });
  const { communicator } = team;
  const step = trainStep(network, optimizer, { communicator });
  const [even, odd] = [makeRandomBatch(load, 0), makeRandomBatch(load, 1)];
  let state = await startState(network, optimizer, settings, { communicator });
  await team.ready;
  say({ about: backend.description + inThreads(backend, threads) });
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
