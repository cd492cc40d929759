import { type Communicator, CommunicatorError } from "../../parallel/communicator.ts";
import { gatherTexts } from "../../parallel/gather_texts.ts";
import { singleProcess } from "../../parallel/single_process.ts";
import { createBreather } from "../../types/_breathe.ts";
import { createAgreement } from "../threads/_agreement.ts";
import { describeThreads } from "../threads/_check_threads.ts";
import { checkFinite, checkState } from "./_check_finite.ts";
import { createState, disposeState } from "./_create_state.ts";
import { findDifference, loadPlan, outlinePlan } from "../threads/_load_plan.ts";
import { openStart } from "./_open_start.ts";
import { planEvaluation, planStep } from "../threads/_plan_steps.ts";
import { closeMetrics, readStepMeans, type StepMetrics } from "../_step_metrics.ts";
import { createSaveClock } from "./_save_clock.ts";
import { spreadValue } from "../threads/_spread_start.ts";
import { createStopwatch, type Stopwatch } from "./_stopwatch.ts";
import { completeState, forgetAverages, getJudged, type Training } from "./_training.ts";
import { addStep, endEpoch } from "./_training_position.ts";
import { untilAborted } from "./_until_aborted.ts";
import { checkNetwork, validateEpoch } from "./_validate_epoch.ts";
import { computeMeans } from "../add_evaluations.ts";
import type { Metrics } from "../metrics.ts";
import { startThreads } from "../threads/_training_threads.ts";
import type { TrainEpochsOptions } from "./training_options.ts";
import type { SizedBatch } from "../training_batch.ts";
import { NotFiniteError, PlanError, ThreadError } from "../threads/training_error.ts";
import type {
  CheckpointEvent,
  Means,
  StepEvent,
  TrainingEvent,
  TrainingPosition,
} from "./training_event.ts";

/** The most steps whose metrics are not yet read, and the longest time for that, in milliseconds. */
const PENDING = { steps: 8, time: 250 };

/** Is called before each step, with the state and the batch. */
export type LookAtStep<B extends SizedBatch> = (
  training: Pick<Training<B>, "plan" | "state">,
  batch: B,
) => Promise<void>;

/** Runs a training. What it holds is released at its end, however that comes. */
export async function* runTraining<B extends SizedBatch>(
  options: TrainEpochsOptions<B>,
  look?: LookAtStep<B>,
): AsyncGenerator<TrainingEvent<string, B>, void, undefined> {
  const watch = createStopwatch();
  yield* watch.time(openTraining(options, watch, look));
}

async function* openTraining<B extends SizedBatch>(
  options: TrainEpochsOptions<B>,
  watch: Stopwatch,
  look: LookAtStep<B> | undefined,
): AsyncGenerator<TrainingEvent<string, B>, void, undefined> {
  const { backend, processes = singleProcess(), threads = 1 } = options;
  let training: Training<B> | undefined;
  try {
    training = { ...await beginTraining(options, watch), look };
    yield* runEpochs(training);
  } catch (error) {
    const own = error instanceof CommunicatorError ? nameFailed(error, processes, threads) : error;
    // All processes find that at the same place, and may go on otherwise.
    if (!(own instanceof NotFiniteError)) processes.abort(own);
    throw backend.toBackendError(own);
  } finally {
    if (training) endTraining(training);
  }
}

/** Names the one that failed: a thread of this process, or another process. */
function nameFailed(
  error: CommunicatorError,
  { rank: own }: Communicator,
  threads: number,
): Error {
  const [process, thread] = [Math.floor(error.rank / threads), error.rank % threads];
  return process === own && thread > 0
    ? new ThreadError(thread + 1, error.reason)
    : new CommunicatorError(process, error.reason);
}

/** Checks that all processes are to train alike. */
function checkProcesses<B extends SizedBatch>(
  { epochs, processes = singleProcess(), saveEvery, steps, threads = 1, validate, validateEvery }:
    TrainEpochsOptions<B>,
  plan: Training<B>["plan"],
): void {
  if (processes.size === 1) return;
  const settings = { epochs, steps, threads, saveEvery, validateEvery, validates: !!validate };
  const own = [
    ...Object.entries(settings).map(([name, value]) => `${name} of ${JSON.stringify(value)}`),
    ...outlinePlan(plan),
  ];
  const outlines = gatherTexts(JSON.stringify(own), processes).map((text) => JSON.parse(text));
  for (const [rank, outline] of outlines.entries()) {
    const difference = findDifference(outlines[0], outline);
    if (difference === undefined) continue;
    throw new PlanError(
      undefined,
      `it must be the same in every process, and that of rank ${rank} has ${difference}`,
    );
  }
}

/** Opens everything that a training works with. What it begins at isn't kept, as the tensors of it may be large. */
async function beginTraining<B extends SizedBatch>(
  options: TrainEpochsOptions<B>,
  watch: Stopwatch,
): Promise<Training<B>> {
  const agreement = createAgreement(options.processes ?? singleProcess(), options.signal);
  const { processes } = agreement;
  const plan = await loadPlan(options.model, options.options);
  checkProcesses(options, plan);
  const own = processes.rank === 0 ? await openStart(options) : undefined;
  const { start, release = () => {} } = own ?? {};
  const { position, isDrawn } = spreadValue(
    processes,
    own && { position: own.position, isDrawn: !own.start },
  );
  const { seed } = position;
  const threads = startThreads(options.threads ?? 1, {
    processes,
    ...describeThreads(options),
    task: { kind: "train", seed, starts: !isDrawn },
  });
  try {
    return {
      options,
      plan,
      threads,
      watch,
      agreement,
      saves: createSaveClock(options),
      step: planStep(plan, threads.communicator, processes.size),
      evaluate: planEvaluation(plan),
      position,
      given: position.step,
      // Last, as what is above may refuse the plan.
      state: await createState(plan, { seed, isDrawn, start, processes, threads, release }),
    };
  } catch (error) {
    threads[Symbol.dispose]();
    throw error;
  }
}

/** Ends the threads of a training, and releases its tensors. */
function endTraining<B extends SizedBatch>(training: Training<B>): void {
  training.threads[Symbol.dispose]();
  forgetAverages(training);
  disposeState(training.state);
}

async function* runEpochs<B extends SizedBatch>(
  training: Training<B>,
): AsyncGenerator<TrainingEvent<string, B>, void, undefined> {
  const { epochs, steps = Infinity, validate, validateEvery = 1 } = training.options;
  const { signal } = training.agreement;
  // After the last step there may be an epoch whose validation an interrupt has kept from being made.
  const isLeft = ({ epoch, step, index }: TrainingPosition) =>
    epoch < epochs && (step < steps || index > 0);
  while (isLeft(training.position)) {
    const { epoch, step } = training.position;
    const isDone = yield* trainEpoch(training);
    completeState(training);
    const isDue = isDone && validate && ((epoch + 1) % validateEvery === 0 ||
      epoch + 1 === epochs || training.position.step >= steps);
    const sums = isDue ? yield* validateEpoch(training, validate({ epoch })) : undefined;
    if (!isDone || signal?.aborted) {
      const reason = signal?.aborted ? "aborted" : "steps";
      const { step: last } = training.position;
      if (signal?.aborted || last > step) {
        // A training that goes on from here doesn't come by again.
        const isDue = training.saves.isDueAlways(last) && training.given !== last;
        yield* giveCheckpoint(training, isDue ? "interval" : reason);
      }
      yield { kind: "end", reason };
      return;
    }
    await checkState(training.plan.network, training.state);
    if (!sums) await checkNetwork(training);
    yield* finishEpoch(training, sums && computeMeans(sums) as Means<string>);
  }
  yield { kind: "end", reason: training.position.epoch < epochs ? "steps" : "epochs" };
}

/** Ends an epoch, and tells of it. */
async function* finishEpoch<B extends SizedBatch>(
  training: Training<B>,
  validation: Means<string> | undefined,
): AsyncGenerator<TrainingEvent<string, B>, void, undefined> {
  const { sums } = training.position;
  training.position = endEpoch(training.position, validation);
  const { history } = training.position;
  const validates = training.options.validate !== undefined;
  const seconds = training.watch.lap();
  yield { kind: "epoch", ...history.at(-1)!, seconds, sums, history, validates };
  yield createCheckpoint(training, "epoch");
  training.saves.reset();
}

/** Tells that the state can be saved, where that is worth it: it is checked before. */
async function* giveCheckpoint<B extends SizedBatch>(
  training: Training<B>,
  reason: CheckpointEvent["reason"],
): AsyncGenerator<CheckpointEvent, void, undefined> {
  completeState(training);
  await checkState(training.plan.network, training.state);
  await checkNetwork(training);
  yield createCheckpoint(training, reason);
  training.given = training.position.step;
  training.saves.reset();
}

function createCheckpoint<B extends SizedBatch>(
  training: Training<B>,
  reason: CheckpointEvent["reason"],
): CheckpointEvent {
  const { options, plan: { network }, position, saves, state, threads } = training;
  return {
    kind: "checkpoint",
    reason,
    permanent: reason === "epoch" || saves.isDueAlways(position.step),
    validates: options.validate !== undefined,
    network,
    state,
    process: options.processes?.rank ?? 0,
    position,
    variables: getJudged(training),
    gather() {
      threads.gather("gather");
      return threads.communicator;
    },
  };
}

/** Trains on the rest of an epoch. Returns whether that is done, or the last step or the signal came before. */
async function* trainEpoch<B extends SizedBatch>(
  training: Training<B>,
): AsyncGenerator<StepEvent<string> | CheckpointEvent, boolean, undefined> {
  const { options, threads } = training;
  const { steps = Infinity, release } = options;
  const { agreement, agreement: { signal } } = training;
  const { epoch, index } = training.position;
  const batches = untilAborted(options.train({ epoch, index }), signal);
  const breathe = createBreather();
  const pending: PendingStep[] = [];
  let read = performance.now();
  try {
    for await (const batch of batches) {
      if (training.state.step >= steps) {
        // It was only asked for to see whether the epoch is done.
        release?.(batch);
        return false;
      }
      if (training.look) {
        completeState(training);
        await training.look(training, batch);
      }
      forgetAverages(training);
      threads.step(batch);
      const [state, metrics] = agreement.step(() => training.step(training.state, batch));
      training.state = state;
      // The backend has its own copy by now.
      release?.(batch);
      await breathe();
      const isDue = pending.length + 1 >= PENDING.steps || performance.now() - read >= PENDING.time;
      const agreed = agreement.ask({ saves: training.saves.isDue(state.step), reads: isDue });
      pending.push({ metrics, times: agreed.times });
      const saves = agreed.saves && state.step < steps;
      const isLast = signal?.aborted || state.step >= steps;
      if (saves || isLast || agreed.reads) {
        yield* readSteps(training, pending.splice(0));
        read = performance.now();
      }
      if (saves && !signal?.aborted) yield* giveCheckpoint(training, "interval");
    }
    yield* readSteps(training, pending.splice(0));
  } finally {
    pending.forEach(({ metrics }) => closeMetrics(metrics));
  }
  if (signal?.aborted) return false;
  if (training.position.sums.steps === 0) {
    throw new RangeError(`Cannot train on epoch ${epoch}: it has no batches`);
  }
  return true;
}

/** A step whose metrics are not yet read. */
interface PendingStep extends Pick<StepEvent, "times"> {
  readonly metrics: StepMetrics<string>;
}

/** Reads the metrics of steps. A read waits for the device, so those of fast steps are read several at a time. */
async function* readSteps<B extends SizedBatch>(
  training: Training<B>,
  pending: readonly PendingStep[],
): AsyncGenerator<StepEvent<string>, void, undefined> {
  if (pending.length === 0) return;
  const steps = await readStepMeans(pending.map(({ metrics }) => metrics));
  training.options.backend.check();
  // All are counted before the first is told of, so that position and state are of the same step.
  const events = steps.map((made, i): StepEvent<string> => {
    const { step, size, means } = made;
    training.position = addStep(training.position, made);
    const { epoch, index } = training.position;
    const metrics = { step, size, ...computeMeans({ means }) } as Metrics<string>;
    const { times } = pending[i]!;
    return { kind: "step", epoch, index, metrics, ...times && { times } };
  });
  training.position = { ...training.position, updates: training.state.optimizer.step };
  for (const event of events) {
    checkFinite("the loss", event.metrics.loss, event.metrics.step);
    yield event;
  }
}
