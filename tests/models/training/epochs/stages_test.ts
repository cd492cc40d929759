import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  type CheckpointEvent,
  type EpochResult,
  type SavableCheckpoint,
  saveEach,
  stopEarly,
  type StopEarlyOptions,
  type TrainingEvent,
} from "@rill/rill/models";

/** Makes the events of a training with these losses of validation, or with the accuracy beside each; NaN is an epoch without. */
async function* createEvents(
  results: readonly (number | readonly [loss: number, accuracy: number])[],
  closed: () => void = () => {},
  before: readonly EpochResult[] = [],
): AsyncGenerator<TrainingEvent> {
  const history = [...before];
  const all = results.map((one) => typeof one === "number" ? [one, 1 - one] as const : one);
  const validates = all.some(([loss]) => !Number.isNaN(loss));
  try {
    for (const [loss, accuracy] of all) {
      await Promise.resolve();
      const epoch = history.length;
      const result: EpochResult = {
        epoch,
        step: epoch + 1,
        training: { loss: 9 - epoch, accuracy: 0 },
        ...!Number.isNaN(loss) && { validation: { loss, accuracy } },
      };
      history.push(result);
      const sums = { steps: 1, examples: 1, metrics: {} };
      yield { kind: "epoch", ...result, seconds: 1, sums, history: [...history], validates };
      const position = { epoch: epoch + 1, history: [...history] };
      yield {
        kind: "checkpoint",
        reason: "epoch",
        position,
        validates,
      } as unknown as CheckpointEvent;
    }
    yield { kind: "end", reason: "epochs" };
  } finally {
    closed();
  }
}

/** Counts the epochs until a training is stopped, if it is. */
async function countEpochs(
  results: Parameters<typeof createEvents>[0],
  options: StopEarlyOptions,
  before?: readonly EpochResult[],
): Promise<number | undefined> {
  let closed = 0;
  const kinds: string[] = [];
  for await (const event of stopEarly(options)(createEvents(results, () => closed++, before))) {
    kinds.push(event.kind === "end" ? event.reason : event.kind);
  }
  assertEquals(closed, 1);
  if (kinds.at(-1) !== "patience") return undefined;
  assertEquals(kinds.slice(-3), ["epoch", "checkpoint", "patience"]);
  return kinds.filter((kind) => kind === "epoch").length;
}

Deno.test("stopEarly() waits for a better result as long as its patience", async () => {
  const losses = [0.5, 0.4, 0.45, 0.41, 0.39, 0.6, 0.6, 0.6, 0.1];
  assertEquals(await countEpochs(losses, { patience: 1 }), 3);
  assertEquals(await countEpochs(losses, { patience: 2 }), 4);
  assertEquals(await countEpochs(losses, { patience: 3 }), 8);
  assertEquals(await countEpochs(losses, { patience: 4 }), undefined);
  assertEquals(await countEpochs(losses, { patience: 3, metric: "accuracy" }), 8);
  // Alike is not better, and neither is what is better by too little.
  assertEquals(await countEpochs([1, 1, 1, 0], { patience: 2 }), 3);
  assertEquals(await countEpochs([1, 0.9, 0.8, 0.7], { patience: 2, minDelta: 0.5 }), 3);
  assertEquals(await countEpochs([1, 0.9, 0.4, 0.3], { patience: 2, minDelta: 0.5 }), undefined);
  // More is better.
  assertEquals(await countEpochs([1, 2, 1, 1], { patience: 2, mode: "max" }), 4);
});

Deno.test("stopEarly() counts epochs with validation, or all where there is none", async () => {
  assertEquals(await countEpochs([1, NaN, NaN, 2, NaN, 2, 0], { patience: 2 }), 6);
  assertEquals(await countEpochs([NaN, NaN, 1, NaN, 2, 0], { patience: 1 }), 5);
  // The training's own loss falls.
  assertEquals(await countEpochs([NaN, NaN, NaN, NaN], { patience: 1 }), undefined);
  assertEquals(await countEpochs([NaN, NaN, NaN], { patience: 1, mode: "max" }), 2);
});

Deno.test("stopEarly() goes on where a training does", async () => {
  const losses = [0.5, 0.4, 0.45, 0.46, 0.47, 0.3];
  const histories: (readonly EpochResult[])[] = [];
  for await (const event of createEvents(losses)) {
    if (event.kind === "epoch") histories.push(event.history);
  }
  for (const [i, history] of histories.slice(0, 3).entries()) {
    assertEquals(await countEpochs(losses.slice(i + 1), { patience: 3 }, history), 5 - (i + 1));
  }
});

Deno.test("stopEarly() asks for no epoch of a training that had ended", async () => {
  const history: EpochResult[] = [];
  for await (const event of createEvents([0.5, 0.6, 0.7])) {
    if (event.kind === "epoch") history.push(event);
  }
  const go = async (patience: number) => {
    const kinds: string[] = [];
    const events = createEvents([0.8, 0.9], () => {}, history);
    for await (const { kind } of stopEarly({ patience, history })(events)) kinds.push(kind);
    return kinds;
  };
  assertEquals(await go(2), ["end"]);
  assertEquals(await go(3), ["epoch", "checkpoint", "end"]);
  assertEquals(await go(9), ["epoch", "checkpoint", "epoch", "checkpoint", "end"]);
});

Deno.test("stopEarly() and saveEach() refuse what they can't go by", async () => {
  const check = (options: Partial<StopEarlyOptions>, message: string) =>
    assertThrows(() => stopEarly({ patience: 1, ...options }), RangeError, message);
  check({ patience: 0 }, "Cannot stop early with a patience of 0: it must be an integer of at");
  check({ patience: 1.5 }, "Cannot stop early with a patience of 1.5");
  check(
    { minDelta: -1 },
    "Cannot stop early with a minDelta of -1: it must be a number of at least",
  );
  check({ minDelta: NaN }, "Cannot stop early with a minDelta of NaN");
  check({ mode: "least" as "min" }, 'Cannot stop early with the mode least: it must be "min" or');
  await assertRejects(
    () => countEpochs([1], { patience: 1, metric: "recall" }),
    RangeError,
    "Cannot stop early by recall: there are loss, accuracy",
  );
  await assertRejects(
    async () => {
      const save = saveEach(() => {}, { metric: "recall" });
      for await (const _ of save(createEvents([1])));
    },
    RangeError,
    "Cannot choose the best by recall: there are loss, accuracy",
  );
});

/** Lists for each checkpoint whether it is the best. */
async function listBest(
  results: Parameters<typeof createEvents>[0],
  options?: Parameters<typeof saveEach>[1],
): Promise<boolean[]> {
  const found: boolean[] = [];
  const save = saveEach(({ best }: SavableCheckpoint) => {
    found.push(best);
  }, options);
  for await (const _ of save(createEvents(results)));
  return found;
}

Deno.test("saveEach() knows the best", async () => {
  assertEquals(await listBest([3, 2, 4, 2, 1]), [true, true, false, false, true]);
  assertEquals(await listBest([3, 2, 4], { metric: "accuracy" }), [true, true, false]);
  assertEquals(await listBest([3, 2, 4], { mode: "max" }), [true, false, true]);
  assertEquals(await listBest([3, NaN, 2, NaN]), [true, false, true, false]);
  assertEquals(await listBest([NaN, 3, NaN, 2]), [false, true, false, true]);
  assertEquals(await listBest([NaN, NaN]), [true, true]);
});

Deno.test("saveEach() takes the lowest loss of those that are alike, for which stopEarly() doesn't wait", async () => {
  const results = [[0.5, 0.5], [0.4, 0.8], [0.3, 0.8], [0.35, 0.8], [0.1, 0.7], [
    0.2,
    0.8,
  ]] as const;
  const accuracy = { metric: "accuracy" };
  assertEquals(await listBest(results, accuracy), [true, true, true, false, false, true]);
  // The same where less is better, and where it takes more to be better.
  const least = results.map(([loss, accuracy]) => [loss, 1 - accuracy] as const);
  const found = await listBest(least, { ...accuracy, mode: "min" });
  assertEquals(found, [true, true, true, false, false, true]);
  assertEquals(await listBest(results, { ...accuracy, minDelta: 0.2 }), found);
  assertEquals(await countEpochs(results, { ...accuracy, patience: 2 }), 4);
  assertEquals(await countEpochs(results, { ...accuracy, patience: 4 }), 6);
});

Deno.test("saveEach() saves before the next event, passes events on, and fails as saving does", async () => {
  const order: string[] = [];
  const save = saveEach(async () => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    order.push("saved");
  });
  for await (const { kind } of save(createEvents([1, 2]))) order.push(kind);
  assertEquals(order, ["epoch", "saved", "checkpoint", "epoch", "saved", "checkpoint", "end"]);
  let closed = 0;
  const failing = saveEach(() => Promise.reject(new TypeError("the disk is full")));
  await assertRejects(
    async () => {
      for await (const _ of failing(createEvents([1], () => closed++)));
    },
    TypeError,
    "the disk is full",
  );
  assertEquals(closed, 1);
});
