import { assert, assertEquals } from "@std/assert";
import {
  CheckpointError,
  decodeCheckpoint,
  type DecodeCheckpointOptions,
  decodeSafetensors,
  encodeCheckpoint,
  encodeSafetensors,
  exportOptimizerState,
  exportParams,
  getOrThrow,
  initTrainState,
  randomKey,
  trainEpochs,
  type TrainingSnapshot,
} from "@rill/rill/models";
import * as ops from "../../../../models/ops/_ops.ts";
import { backendTest, getError, withBackend } from "../../_helpers.ts";
import createPlan from "../epochs/_plan.ts";
import { createStreams, encode } from "../epochs/_trainings.ts";

/** Makes a state that no step has changed. */
const createSnapshot = (): TrainingSnapshot => {
  const { network, optimizer } = createPlan();
  return { network, state: initTrainState(network, optimizer, randomKey(0)) };
};

const concat = async (parts: Uint8Array<ArrayBuffer>[]) => await new Blob(parts).bytes();

backendTest("a checkpoint in one file has parameters, optimizer and data", async () => {
  const snapshot = createSnapshot();
  const { network, state } = snapshot;
  const params = await exportParams(network, state);
  const optimizer = await exportOptimizerState(network, state.optimizer);
  const data = { classes: ["Katze", "犬"], nested: [1, { two: null }] };
  const file = await encode(snapshot, { data, metadata: { title: "mine" } });
  const decoded = getOrThrow(await decodeCheckpoint(file));
  assertEquals({ ...decoded.params }, params);
  assertEquals({ ...decoded.optimizer }, optimizer);
  assertEquals(decoded.data, data);
  assertEquals(decoded.position, undefined);
  assertEquals([decoded.metadata["title"], decoded.metadata["format"]], ["mine", "pt"]);
});

Deno.test("parameters and optimizer can be files of their own", () =>
  withBackend("wasm", async () => {
    const snapshot = createSnapshot();
    const { network, state } = snapshot;
    const [params, optimizer] = await Promise.all([
      encode(snapshot, { contents: "params" }),
      encode(snapshot, { contents: "optimizer" }),
    ]);
    const alone = getOrThrow(await decodeCheckpoint(params));
    assertEquals(alone.optimizer, undefined);
    // As other programs read them: no other names.
    const { tensors } = getOrThrow(decodeSafetensors(params));
    assertEquals(tensors, await exportParams(network, state));
    const running = getOrThrow(decodeSafetensors(optimizer)).tensors;
    assertEquals(running, await exportOptimizerState(network, state.optimizer));
    const both = getOrThrow(await decodeCheckpoint(params, { optimizer }));
    assertEquals([both.params, both.optimizer], [tensors, running]);
  }));

Deno.test("its parts can be given back once the next is asked for", () =>
  withBackend("wasm", async () => {
    const snapshot = createSnapshot();
    const whole = await encode(snapshot);
    const copies: Uint8Array<ArrayBuffer>[] = [];
    let before: Uint8Array | undefined;
    for await (const part of encodeCheckpoint(snapshot, { release: true })) {
      if (copies.length > 1) assertEquals(before?.length, 0);
      before = part;
      copies.push(part.slice());
    }
    assertEquals(await concat(copies), whole);
    // Without being asked for they stay.
    const parts = [];
    for await (const part of encodeCheckpoint(snapshot)) parts.push(part);
    assertEquals(await concat(parts), whole);
  }));

Deno.test("encoding takes no tensors", () =>
  withBackend("wasm", async () => {
    const snapshot = createSnapshot();
    const before = ops.countTensors();
    await encode(snapshot);
    assertEquals(ops.countTensors(), before);
  }));

Deno.test("a position comes back as it was, with metrics that are NaN", () =>
  withBackend("wasm", async (backend) => {
    for await (
      const event of trainEpochs({ backend, model: createPlan(), epochs: 1, ...createStreams() })
    ) {
      if (event.kind !== "checkpoint") continue;
      const { position } = event;
      const [result] = position.history;
      assert(result);
      const history = [{ ...result, training: { ...result.training, rare: NaN } }];
      const file = await encode({ ...event, position: { ...position, history } });
      assertEquals(getOrThrow(await decodeCheckpoint(file)).position, { ...position, history });
    }
  }));

Deno.test("what is no checkpoint is refused in words", () =>
  withBackend("wasm", async (backend) => {
    const fail = async (
      facts: unknown,
      message: string,
      options?: DecodeCheckpointOptions,
    ) => {
      const text = typeof facts === "string" ? facts : JSON.stringify(facts);
      const file = await concat(encodeSafetensors({}, { rill_training: text }));
      const error = getError(await decodeCheckpoint(file, options));
      assert(error instanceof CheckpointError);
      assert(error.message.includes(message), error.message);
    };
    await fail("{", "Cannot read the checkpoint as its rill_training is damaged: ");
    await fail("null", "it has no version");
    await fail({}, "it has no version");
    await fail({ version: 3 }, "Cannot read a.st as its rill_training is of version 3", {
      source: "a.st",
    });
    await fail({ version: 2 }, "there is no rill_checksum beside it");
    for await (
      const event of trainEpochs({ backend, model: createPlan(), epochs: 1, ...createStreams() })
    ) {
      if (event.kind !== "checkpoint") continue;
      const { position } = event;
      for (
        const damage of [
          { epoch: -1 },
          { index: 0.5 },
          { step: "3" },
          { updates: null },
          { seed: undefined },
          { sums: {} },
          { sums: { ...position.sums, metrics: null } },
          { history: {} },
          { history: [null] },
          { history: [{ ...position.history[0], training: 3 }] },
        ]
      ) {
        const damaged = { version: 1, position: { ...position, ...damage } };
        await fail(damaged, "its position can't be one: ");
      }
    }
    await fail({ version: 1, position: 7 }, "its position can't be one: it is 7");
    const file = await concat(encodeSafetensors({}));
    const cut = getError(await decodeCheckpoint(file.subarray(0, 9), { source: "a.st" }));
    assert(cut.message.includes("a.st"), cut.message);
    const beside = getError(
      await decodeCheckpoint(file, { source: "a.st", optimizer: file.subarray(0, 9) }),
    );
    assert(beside.message.includes("a.st's optimizer"), beside.message);
  }));
