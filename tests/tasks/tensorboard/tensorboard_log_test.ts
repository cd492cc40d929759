import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { TensorboardEvent } from "../../../tasks/_train/tensorboard/event_record.ts";
import {
  createTensorboardLog,
  type LogStart,
  openTensorboardLog,
} from "../../../tasks/_train/tensorboard/tensorboard_log.ts";
import { writeData } from "../_idx_data.ts";
import { runTask, withFolder } from "../_task.ts";
import { readEvents } from "./_read_events.ts";

type LoggedEvent = { readonly event: string } & Record<string, unknown>;

const byName = ({ name: a }: Deno.DirEntry, { name: b }: Deno.DirEntry): number => a < b ? -1 : 1;

/** Gives what a log of a run with epochs of 100 images in batches of 30 tells. */
function tell(
  events: readonly LoggedEvent[],
  start = { step: 0, seconds: 0 },
): [step: number | undefined, scalars: TensorboardEvent["scalars"]][] {
  const told: TensorboardEvent[] = [];
  const file = { write: (event: TensorboardEvent) => void told.push(event), close: async () => {} };
  const course = { images: 100, batchSize: 30, learningRate: (step: number) => step / 10 };
  const log = createTensorboardLog(file, course, start);
  events.forEach((event) => log.write(event));
  return told.map(({ step, scalars }) => [step, scalars]);
}

const step = (step: number, seconds: number) => ({
  event: "step",
  step,
  epoch: 1,
  loss: 2,
  accuracy: 0.5,
  seconds,
});
const common = { "loss/step": 2, "accuracy/step": 0.5 };

Deno.test("a log for TensorBoard tells loss, accuracy, learning rate and speed of steps", () => {
  assertEquals(tell([{ event: "run" }, step(1, 2), step(2, 2.1), step(3, 4), { event: "save" }]), [
    [1, { ...common, learning_rate: 0.1, images_per_second: 15 }],
    // Read back beside the one before, it has no speed of its own.
    [2, { ...common, learning_rate: 0.2 }],
    [3, { ...common, learning_rate: 0.3, images_per_second: 30 }],
  ]);
});

Deno.test("a log for TensorBoard tells of each split at the epoch's last step, and times training alone", () => {
  const epoch = { event: "epoch", loss: 1, trainAccuracy: 0.7 };
  assertEquals(
    tell([
      step(3, 2),
      { ...epoch, epoch: 1, testAccuracy: 0.6, testLoss: 3, seconds: 10 },
      step(5, 12),
      {
        ...epoch,
        epoch: 2,
        validationAccuracy: 0.8,
        validationLoss: 4,
        metrics: { "balanced-accuracy": 0.75 },
        seconds: 20,
      },
      { event: "test", loss: 5, accuracy: 0.9 },
    ]),
    [
      [3, { ...common, learning_rate: 0.3, images_per_second: 45 }],
      [4, { "loss/train": 1, "accuracy/train": 0.7, "loss/test": 3, "accuracy/test": 0.6 }],
      [5, { ...common, learning_rate: 0.5, images_per_second: 15 }],
      [8, {
        "loss/train": 1,
        "accuracy/train": 0.7,
        "loss/validation": 4,
        "accuracy/validation": 0.8,
        "balanced-accuracy/validation": 0.75,
      }],
      [8, { "loss/test": 5, "accuracy/test": 0.9 }],
    ],
  );
});

Deno.test("a log for TensorBoard of a run that goes on counts from there", () => {
  assertEquals(tell([step(6, 102)], { step: 5, seconds: 100 }), [
    [6, { ...common, learning_rate: 0.6, images_per_second: 15 }],
  ]);
});

Deno.test("a run that goes on behind an epoch's last step makes void what was told of the epoch's end", () =>
  withFolder(async (dir) => {
    const course = { images: 100, batchSize: 30, learningRate: (step: number) => step / 10 };
    const warn = (line: string) => {
      throw new Error(line);
    };
    const begin = async (start: LogStart, events: readonly LoggedEvent[]) => {
      const log = await openTensorboardLog(`${dir}/events`, { out: "run", course, start, warn });
      events.forEach((event) => log.write(event));
      await log.close();
    };
    const epoch = (epoch: number) => ({ event: "epoch", epoch, loss: 1, testLoss: 3, seconds: 9 });
    const first = [step(3, 2), step(4, 3), epoch(1), step(8, 5)];
    await begin({ step: 0, epoch: 0, seconds: 0, before: [] }, [...first, epoch(2)]);
    // Saved after its last step, it was killed before the second epoch was saved; and once more.
    for (let i = 0; i < 2; i++) {
      await begin({ step: 8, epoch: 1, seconds: 9, before: first }, [epoch(2)]);
    }
    await begin({ step: 8, epoch: 2, seconds: 9, before: first }, [step(9, 10)]);
    const told: [step: number, tags: string][] = [];
    for (
      const { name } of (await Array.fromAsync(Deno.readDir(`${dir}/events/run`))).sort(byName)
    ) {
      for (const event of readEvents(await Deno.readFile(`${dir}/events/run/${name}`))) {
        if (event.isStart) {
          // As TensorBoard does.
          const kept = told.filter(([step]) => step < event.step);
          told.splice(0, told.length, ...kept);
        }
        if (event.scalars) told.push([event.step, Object.keys(event.scalars)[0]!]);
      }
    }
    const steps = "loss/step";
    assertEquals(told, [
      [3, steps],
      [4, steps],
      [4, "loss/train"],
      [8, steps],
      [8, "loss/train"],
      [9, steps],
    ]);
  }));

Deno.test("deno task train --tensorboard tells of a run, and where it goes on", () =>
  withFolder(async (dir) => {
    const data = await writeData(`${dir}/data`);
    const [events, out] = [`${dir}/events`, `${dir}/run`];
    const common = ["train", "--backend", "wasm", "--quiet", "--tensorboard", events];
    const settings = ["--preset", "lenet", "--data", data, "--batch-size", "5", "--epochs", "2"];
    const more = ["--threads", "1", "--log-every", "1", "--save-every", "3"];
    const begun = await runTask([...common, ...settings, ...more, "--out", out, "--steps", "5"]);
    assertEquals(begun.code, 0, begun.stderr);
    const resumed = await runTask([...common, "--resume", out, "--steps", "8"]);
    assertEquals(resumed.code, 0, resumed.stderr);
    const names = (await Array.fromAsync(Deno.readDir(`${events}/run`), ({ name }) => name)).sort();
    const read = await Promise.all(
      names.map(async (name) => readEvents(await Deno.readFile(`${events}/run/${name}`))),
    );
    assertEquals(read.map(([first, start]) => [first?.fileVersion, start?.isStart, start?.step]), [
      ["brain.Event:2", true, 0],
      ["brain.Event:2", true, 6],
    ]);
    const steps = read.map((events) =>
      events.filter(({ scalars }) => scalars && "loss/step" in scalars).map(({ step }) => step)
    );
    assertEquals(steps, [[1, 2, 3, 4, 5], [6, 7, 8]]);
    const logged = (await Deno.readTextFile(`${out}/log.jsonl`)).trim().split("\n")
      .map((line) => JSON.parse(line)).filter(({ event }) => event === "step");
    const told = read.flat().flatMap(({ scalars }) => scalars?.["loss/step"] ?? []);
    assertEquals(told, logged.map(({ loss }) => loss), "the losses are the log's");
    const last = read[1]?.find(({ scalars }) => scalars && "loss/train" in scalars);
    assertEquals([last?.step, Object.keys(last?.scalars ?? {}).sort()], [8, [
      "accuracy/test",
      "accuracy/train",
      "loss/test",
      "loss/train",
    ]]);
    assert(Math.abs(read[0]![2]!.wallTime - Date.now() / 1000) < 600);
    await Deno.writeTextFile(`${dir}/file`, "mine");
    const refused = await runTask([
      ...["train", "--backend", "wasm", ...settings, "--out", `${dir}/other`],
      ...["--tensorboard", `${dir}/file`],
    ]);
    assertEquals(refused.code, 2);
    assertStringIncludes(
      refused.stderr,
      `Cannot use --tensorboard ${dir}/file as it is not a folder`,
    );
  }));
