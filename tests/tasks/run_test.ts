import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { type Backend, getOrThrow } from "../../models/mod.ts";
import { UsageError } from "../../tasks/_cli/errors.ts";
import { createTerminalLine } from "../../tasks/_text/terminal_line.ts";
import {
  chooseSettings,
  formatChangedFlags,
  resumeSettings,
} from "../../tasks/_train/choose_settings.ts";
import { describeFinished, describeRun } from "../../tasks/_train/describe_run.ts";
import { createProgressDisplay } from "../../tasks/_train/progress_display.ts";
import {
  addSeconds,
  addStep,
  formatEpoch,
  initialCounters,
} from "../../tasks/_train/run_counters.ts";
import {
  chapter,
  cpuPreset,
  planLearningRate,
  type SavedSettings,
  type TrainSettings,
} from "../../tasks/_train/train_settings.ts";

Deno.test("the chapter's settings are the chapter's", () => {
  const { side, batchSize, epochs, images, optimizer, learningRate, dropout, init } = chapter;
  assertEquals([side, batchSize, epochs, images], [224, 128, 5, 60_000]);
  assertEquals([optimizer, learningRate, dropout, init], ["adam", 0.001, 0.5, "pytorch"]);
});

Deno.test("chooseSettings() puts what is given in the preset's place", () => {
  assertEquals(getOrThrow(chooseSettings(cpuPreset, {})), cpuPreset);
  assertEquals(
    getOrThrow(chooseSettings(cpuPreset, { side: 99, shuffle: false, epochs: undefined })),
    {
      ...cpuPreset,
      side: 99,
      shuffle: false,
    },
  );
});

Deno.test("chooseSettings() keeps a preset's warm-up to two fifths of the run", () => {
  const { batchSize } = cpuPreset;
  const warmupOf = (steps: number) =>
    getOrThrow(chooseSettings(cpuPreset, { images: batchSize * steps })).warmup;
  assertEquals([1, 2, 3, 16, 80, 199, 200, 201].map(warmupOf), [0, 0, 1, 6, 32, 79, 80, 80]);
  const asked = { images: batchSize * 80, warmup: 80 };
  assertEquals(getOrThrow(chooseSettings(cpuPreset, asked)).warmup, 80);
  assertThrows(
    () => getOrThrow(chooseSettings(cpuPreset, { images: 1, warmup: 2 })),
    UsageError,
    "Cannot use --warmup 2: the run has 1 step in all",
  );
});

Deno.test("the schedule of a short run rises and falls, whatever its length", () => {
  for (let steps = 1; steps <= 100; steps++) {
    const settings = getOrThrow(chooseSettings(cpuPreset, { images: cpuPreset.batchSize * steps }));
    const rate = planLearningRate(settings);
    const rates = Array.from({ length: steps }, (_, i) => rate(i + 1));
    assert(rates.every((rate) => rate > 0 && rate <= cpuPreset.learningRate), `${steps} steps`);
    assertEquals(rate(steps + 1), 0);
    const highest = rates.indexOf(Math.max(...rates)) + 1;
    assert(
      highest <= Math.max(1, steps * 2 / 5),
      `${steps} steps have their highest rate at ${highest}`,
    );
  }
});

const begun = { epoch: 1, index: 0 };

Deno.test("resumeSettings() takes other epochs and no other setting on which what was done depends", () => {
  const resume = (saved: SavedSettings, given: Partial<TrainSettings>, done = begun) =>
    getOrThrow(resumeSettings(saved, given, done));
  for (const saved of [chapter, cpuPreset]) {
    assertEquals(resume(saved, {}), saved);
    assertEquals(resume(saved, { epochs: 7, side: saved.side }), { ...saved, epochs: 7 });
  }
  const refuses = (given: Partial<TrainSettings>, message: string, done = begun) =>
    assertThrows(() => resume(chapter, given, done), UsageError, message);
  refuses(
    { seed: 5 },
    "Cannot use --seed 5 with --resume: the run was made with --seed 0, and the steps",
  );
  refuses(
    { shuffle: false },
    "Cannot use --no-shuffle with --resume: the run was made with --shuffle,",
  );
  refuses(
    { testImages: 8 },
    "the run was made with --test-images 10000, and its best test accuracy",
  );
  refuses({ epochs: 2 }, "Cannot use --epochs 2 with --resume: the run has made 3 epochs already", {
    epoch: 3,
    index: 0,
  });
  refuses({ epochs: 2 }, "the run is in epoch 4 already", { epoch: 3, index: 128 });
  refuses({ epochs: 1 }, "the run is in epoch 2 already", { epoch: 1, index: 128 });
  assertThrows(
    () => resume({ ...chapter, warmup: 500 }, { epochs: 1 }),
    UsageError,
    "Cannot use --epochs 1 with --resume: the run was made with --warmup 500, which is more steps",
  );
  assertEquals(resume(chapter, { epochs: 1 }).epochs, 1);
});

Deno.test("resumeSettings() keeps --test-images, and takes any for a run that was saved without", () => {
  const resume = (saved: SavedSettings, given: Partial<TrainSettings>) =>
    getOrThrow(resumeSettings(saved, given, begun)).testImages;
  assertEquals(resume({ ...cpuPreset, testImages: 8 }, {}), 8);
  const { testImages, ...old } = cpuPreset;
  assertEquals([resume(old, {}), resume(old, { testImages: 8 })], [testImages, 8]);
});

Deno.test("describeRun() says how the schedule of a run with more epochs goes on", () => {
  const wasm = { hardware: false, description: "WASM", reason: "no adapter" } as Backend;
  const counters = { ...initialCounters, epoch: 1, step: 800 };
  const describe = (given: Partial<TrainSettings>, at = counters) => {
    const settings = getOrThrow(resumeSettings(cpuPreset, given, at));
    return describeRun(wasm, settings, { settings: cpuPreset, counters: at }).slice(2);
  };
  assertEquals(describe({ epochs: 3 }), [
    "resumed: after step 800, with epoch 2 to come",
    "schedule: the learning rate now falls to 0 over 3 epochs, as if the run had begun with so many: " +
    "0.000689 at the next step, in place of 0",
  ]);
  // As a run that had 3 epochs from the beginning.
  assertEquals(planLearningRate({ ...cpuPreset, epochs: 3 })(801), 0.001 * 1600 / 2321);
  const within = { ...counters, epoch: 0, index: 320, step: 10 };
  assertEquals(describe({}, within), ["resumed: after step 10, image 320 of epoch 1"]);
});

Deno.test("describeFinished() says that a run is finished, and what goes on", () => {
  const options = { resume: "my runs/a" };
  const done = { epoch: 1, step: 1 };
  assertEquals(
    describeFinished(cpuPreset, done, options),
    "finished: nothing is left of the run's 1 epoch (1 step); " +
      "go on with: deno task train --resume 'my runs/a' --epochs 2",
  );
  assertEquals(describeFinished({ ...cpuPreset, epochs: 2 }, done, options), undefined);
  const more = { ...cpuPreset, epochs: 2 };
  assertEquals(describeFinished(more, done, { ...options, steps: 2 }), undefined);
  assertEquals(
    describeFinished(more, { epoch: 0, step: 5 }, { ...options, steps: 5 }),
    "finished: the run has made 5 steps already, and --steps 5 asks for no more; " +
      "go on with: deno task train --resume 'my runs/a' --steps 6",
  );
});

Deno.test("formatChangedFlags() gives the flags that undo a preset", () => {
  assertEquals(formatChangedFlags(cpuPreset, cpuPreset), "");
  const changed = { ...cpuPreset, shuffle: false, batchSize: 5 };
  assertEquals(formatChangedFlags(cpuPreset, changed), "--batch-size 5 --no-shuffle");
  assertEquals(
    formatChangedFlags(changed, cpuPreset),
    `--batch-size ${cpuPreset.batchSize} --shuffle`,
  );
});

Deno.test("describeRun() begins with the backend, and says how to undo the preset", () => {
  const wasm = { hardware: false, description: "WASM", reason: "no adapter" } as Backend;
  const [first, settings = "", preset = ""] = describeRun(wasm, cpuPreset, undefined);
  assertStringIncludes(settings, `${cpuPreset.warmup} steps of warm-up, linear decay`);
  assertEquals(first, "backend: WASM, no adapter");
  assertStringIncludes(preset, `deno task train ${formatChangedFlags(cpuPreset, chapter)}`);
  const short = getOrThrow(chooseSettings(cpuPreset, { images: 512 }));
  assertEquals(
    describeRun(wasm, short, undefined)[2]?.split(". ")[0],
    "preset: for a machine without a GPU, with --images 512; " +
      "its warm-up is shortened to 6 steps for so short a run",
  );
  const shortest = getOrThrow(chooseSettings(cpuPreset, { images: 64 }));
  assertStringIncludes(
    describeRun(wasm, shortest, undefined)[2] ?? "",
    "; its warm-up is left out for so short a run. ",
  );
  // The chapter's run is told by all flags that the preset needs, also where some are given already.
  const nearly = getOrThrow(chooseSettings(cpuPreset, { batchSize: 128, images: 64, seed: 5 }));
  const undo = formatChangedFlags(cpuPreset, chapter);
  assertStringIncludes(undo, "--batch-size 128");
  assertStringIncludes(undo, "--warmup 0");
  assertStringIncludes(
    describeRun(wasm, nearly, undefined)[2] ?? "",
    `The chapter's run is: deno task train ${undo}`,
  );
  assertStringIncludes(describeRun(wasm, chapter, undefined)[2] ?? "", "This is the chapter's run");
  assertEquals(
    describeRun(wasm, { ...short, warmup: 3 }, undefined, { given: { warmup: 3 } })[2]?.split(
      ". ",
    )[0],
    "preset: for a machine without a GPU, with --images 512 --warmup 3",
  );
  const named = { ...wasm, name: "wasm" } as const;
  assertEquals(describeRun(named, cpuPreset, undefined)[0], "backend: WASM, 1 thread, no adapter");
  assertEquals(
    describeRun(named, cpuPreset, undefined, { threads: 2 })[0],
    "backend: WASM, 2 threads, no adapter",
  );
  const gpu = { ...wasm, hardware: true };
  assertEquals(describeRun(gpu, chapter, undefined).length, 2);
  assertStringIncludes(describeRun(wasm, chapter, undefined)[2] ?? "", "This is the chapter's run");
  assertEquals(
    describeRun(gpu, chapter, undefined, { kernels: "stock" })[1],
    "kernels: tfjs's own, but for what it lacks or gets wrong",
  );
});

Deno.test("formatEpoch() is the chapter's line", () => {
  const steps = [
    { step: 1, size: 128, loss: 0.7, accuracy: 96 / 128 },
    { step: 2, size: 128, loss: 0.5, accuracy: 112 / 128 },
  ];
  const progress = addSeconds(steps.reduce(addStep, initialCounters), 128.31);
  assertEquals([progress.step, progress.index, progress.sums.correct], [2, 256, 208]);
  assertEquals(
    formatEpoch(1, progress.sums, 0.8649),
    "epoch 1, loss 0.0047, train acc 0.813, test acc 0.865, time 128.3 sec",
  );
});

Deno.test("createProgressDisplay() draws a bar on a terminal and prints a line now and then elsewhere", () => {
  const work = { epochs: 2, steps: 20, images: 200, seen: 0 };
  const run = (active: boolean) => {
    const drawn: string[] = [];
    const lines: string[] = [];
    let time = 0;
    const progress = createProgressDisplay(work, {
      line: createTerminalLine({
        active,
        write: (text) => drawn.push(text),
        measureColumns: () => 120,
      }),
      print: (line) => lines.push(line),
      now: () => time,
    });
    for (let step = 1; step <= 10; step++) {
      time += 2000;
      progress.step({ step, size: 10, loss: 1.5, accuracy: 0.5 }, 1);
    }
    progress.test(0.5);
    return { drawn, lines };
  };
  const terminal = run(true);
  assertEquals([terminal.drawn.length, terminal.lines.length], [10, 0]);
  assertStringIncludes(
    terminal.drawn[9] ?? "",
    "[############............] epoch 1/2, step 10/20, loss 1.5000, 5.0 images/s, 20 s left",
  );
  const plain = run(false);
  assertEquals(plain.drawn, []);
  assertEquals(plain.lines, [
    "epoch 1/2, step 5/20, loss 1.5000, 5.0 images/s, 30 s left",
    "epoch 1/2, step 10/20, loss 1.5000, 5.0 images/s, 20 s left",
  ]);
});
