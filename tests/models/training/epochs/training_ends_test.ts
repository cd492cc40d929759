import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  type Backend,
  build,
  flatten,
  getOrThrow,
  linear,
  NotFiniteError,
  PlanError,
  sequential,
  sgd,
  trainEpochs,
  type TrainEpochsOptions,
  type TrainingBatch,
  type TrainingEvent,
} from "@rill/rill/models";
import * as ops from "../../../../models/ops/_ops.ts";
import { backendTest, randomBatch, withBackend } from "../../_helpers.ts";
import createPlan from "./_plan.ts";
import { createStreams, type Meter, numbersOf, run } from "./_trainings.ts";

/** Runs a body with the options of a small training, and asserts that it leaves nothing behind. */
const leaveNothing = async (
  backend: Backend,
  body: (options: TrainEpochsOptions, meter: Meter) => Promise<void>,
) => {
  const before = ops.countTensors();
  const meter = { open: 0, held: 0 };
  await body(
    {
      backend,
      model: createPlan({ optimizer: "averaged" }),
      epochs: 2,
      ...createStreams(undefined, meter),
    },
    meter,
  );
  assertEquals([ops.countTensors() - before, meter.open], [0, 0]);
};

backendTest(
  "a training leaves nothing behind, and releases its batches",
  (backend) =>
    leaveNothing(backend, async (options, meter) => {
      await run(trainEpochs({ ...options, saveEvery: 3 }));
      assertEquals(meter.held, 0);
    }),
);

for (const kind of ["step", "validation", "epoch", "checkpoint", "end"] as const) {
  backendTest(
    `a training ends when nobody asks for more after ${kind}`,
    (backend) =>
      leaveNothing(backend, async (options) => {
        for await (const event of trainEpochs(options)) if (event.kind === kind) break;
      }),
  );
}

Deno.test("a training that is never begun opens nothing", () =>
  withBackend("wasm", (backend) =>
    leaveNothing(backend, async (options) => {
      await trainEpochs(options)[Symbol.asyncIterator]().return?.();
    })));

/** Aborts at the event of a kind that is that many of them. */
const abortAt = (kind: string, left: number, abort: AbortController) =>
  async function* (events: AsyncIterable<TrainingEvent>) {
    for await (const event of events) {
      if (event.kind === kind && --left === 0) abort.abort();
      yield event;
    }
  };

backendTest(
  "a signal ends it after the step, with a checkpoint from which it goes on",
  (backend) =>
    leaveNothing(backend, async (options) => {
      const whole = await run(trainEpochs(options));
      for (const [kind, at] of [["step", 1], ["step", 4], ["validation", 1]] as const) {
        const abort = new AbortController();
        const watch = abortAt(kind, at, abort);
        const { signal } = abort;
        const first = await run(watch(trainEpochs({ ...options, signal })));
        assertEquals(first.events.at(-1), { kind: "end", reason: "aborted" });
        assertEquals(first.saved.length, 1);
        const [from] = first.saved;
        assertEquals(from?.reason, "aborted");
        const second = await run(trainEpochs({ ...options, from }));
        assertEquals(
          numbersOf(second.saved.at(-1)!),
          numbersOf(whole.saved.at(-1)!),
          `after ${kind} ${at}`,
        );
      }
    }),
);

Deno.test("a signal that was there before ends it with a checkpoint and no step", () =>
  withBackend("wasm", (backend) =>
    leaveNothing(backend, async (options) => {
      const { events } = await run(trainEpochs({ ...options, signal: AbortSignal.abort() }));
      assertEquals(events.map(({ kind }) => kind), ["checkpoint", "end"]);
    })));

Deno.test("a signal ends it where a stream gives nothing any more", () =>
  withBackend("wasm", async (backend) => {
    const abort = new AbortController();
    async function* train() {
      yield randomBatch(2, [9, 9, 1], 3);
      abort.abort();
      await new Promise(() => {});
    }
    const { events } = await run(
      trainEpochs({ backend, model: createPlan(), epochs: 1, train, signal: abort.signal }),
    );
    assertEquals(events.map(({ kind }) => kind), ["step", "checkpoint", "end"]);
  }));

for (
  const [steps, kinds] of [
    [0, ["end"]],
    [2, ["step", "step", "checkpoint", "end"]],
    // The last step of an epoch: it is validated.
    [4, [
      ...["step", "step", "step", "step", "validation", "validation"],
      ...["epoch", "checkpoint", "end"],
    ]],
  ] as const
) {
  Deno.test(`a training ends at ${steps} steps`, () =>
    withBackend("wasm", (backend) =>
      leaveNothing(backend, async (options, meter) => {
        const { events } = await run(trainEpochs({ ...options, steps }));
        assertEquals(events.map(({ kind }) => kind), [...kinds]);
        assertEquals(events.at(-1), { kind: "end", reason: "steps" });
        assertEquals(meter.held, 0);
      })));
}

Deno.test("a training that ends where each run is saved saves what each run does there", () =>
  withBackend("wasm", (backend) =>
    leaveNothing(backend, async (options) => {
      const end = async (more: object, kind = "", at = 0, abort = new AbortController()) => {
        const training = trainEpochs({ ...options, saveEvery: 2, signal: abort.signal, ...more });
        const { events } = await run(abortAt(kind, at, abort)(training));
        return events.flatMap((event) =>
          event.kind === "checkpoint" ? [[event.position.step, event.reason, event.permanent]] : []
        );
      };
      assertEquals(await end({ steps: 2 }), [[2, "interval", true]]);
      assertEquals(await end({}, "step", 2), [[2, "interval", true]]);
      assertEquals(await end({ steps: 3 }), [[2, "interval", true], [3, "steps", false]]);
      // It is there already.
      assertEquals(await end({}, "checkpoint", 1), [[2, "interval", true], [2, "aborted", true]]);
      assertEquals(await end({ saveEvery: { seconds: 60 }, steps: 2 }), [[2, "steps", false]]);
    })));

Deno.test("a training that has made all its epochs says so, and goes on with more", () =>
  withBackend("wasm", (backend) =>
    leaveNothing(backend, async (options) => {
      const { saved } = await run(trainEpochs({ ...options, epochs: 1 }));
      const [from] = saved;
      const { events } = await run(trainEpochs({ ...options, epochs: 1, from }));
      assertEquals(events, [{ kind: "end", reason: "epochs" }]);
      const whole = await run(trainEpochs(options));
      const rest = await run(trainEpochs({ ...options, from }));
      assertEquals(numbersOf(rest.saved.at(-1)!), numbersOf(whole.saved.at(-1)!));
    })));

backendTest(
  "errors of streams end it as they are, and close the streams",
  (backend) =>
    leaveNothing(backend, async (options) => {
      async function* failing(batches: AsyncIterable<TrainingBatch>) {
        let left = 2;
        for await (const batch of batches) {
          if (--left === 0) throw new TypeError("no luck");
          yield batch;
        }
      }
      const { train, validate } = createStreams();
      await assertRejects(
        () => run(trainEpochs({ ...options, train: (at) => failing(train(at)) })),
        TypeError,
        "no luck",
      );
      await assertRejects(
        () => run(trainEpochs({ ...options, validate: () => failing(validate()) })),
        TypeError,
        "no luck",
      );
    }),
);

Deno.test("a batch that doesn't fit, and streams without batches, are refused", () =>
  withBackend("wasm", (backend) =>
    leaveNothing(backend, async (options) => {
      async function* wrong() {
        yield await Promise.resolve(randomBatch(2, [8, 8, 1], 3));
      }
      async function* none() {}
      const fail = (more: Partial<TrainEpochsOptions>, message: string) =>
        assertRejects(() => run(trainEpochs({ ...options, ...more })), RangeError, message);
      await fail({ train: wrong }, "Cannot run the network on a batch of 2 with images of 2 x 8");
      await fail({ train: none }, "Cannot train on epoch 0: it has no batches");
      await fail({ validate: none }, "Cannot validate after epoch 0: there are no batches");
    })));

/** A step that is so long that parameters stay finite, and nothing that is computed with them. */
const diverging = {
  network: getOrThrow(build(sequential([flatten(), linear(5), linear(3)]), [9, 9, 1])),
  optimizer: sgd({ learningRate: 1e38 }),
};

backendTest(
  "a loss or parameters that aren't finite end it, and nothing is to be saved",
  (backend) =>
    leaveNothing(backend, async (options) => {
      const kinds: string[] = [];
      const error = await assertRejects(async () => {
        for await (const { kind } of trainEpochs({ ...options, model: diverging })) {
          kinds.push(kind);
        }
      }, NotFiniteError);
      assert(!kinds.includes("checkpoint"));
      assert(error.message.startsWith("Cannot go on as "));
      assert(!Number.isFinite(error.value));

      // One step, after which no loss is told of any more.
      const one = { ...options, model: diverging, steps: 1 };
      await assertRejects(
        () => run(trainEpochs(one)),
        NotFiniteError,
        "after step 1 is not finite",
      );
    }),
);

Deno.test("a plan that is none is refused in words", () =>
  withBackend("wasm", async (backend) => {
    const { network, optimizer } = createPlan();
    const fail = (model: unknown, message: string) =>
      assertRejects(
        () =>
          run(trainEpochs({
            backend,
            model: model as URL,
            epochs: 1,
            ...createStreams(),
          })),
        PlanError,
        message,
      );
    const module = (code: string) => new URL(`data:text/javascript,${encodeURIComponent(code)}`);
    await fail({ network }, "Cannot use the plan: its optimizer must be one such as adam()");
    await fail({ optimizer }, "its network must be one that build made, and is missing");
    await fail({ network: build(linear(2), [3]), optimizer }, "its network must be opened first");
    await fail({ network: build(linear(2), [0, 0]), optimizer }, "Cannot build");
    await fail(module("throw new Error('no luck')"), "the module can't be loaded: no luck");
    await fail(module("export default 7"), "the plan, and is a number");
    await fail(module("export const plan = 7"), "the plan, and is missing");
    await fail(module("export default () => { throw 1 }"), "its function failed: 1");
    await fail(
      module("export default () => null"),
      "it must be { network, … }, and is null",
    );
    await fail(new URL("file:///nowhere/model.ts"), "the module can't be loaded");
  }));
