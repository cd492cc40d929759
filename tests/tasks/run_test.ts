import { assert, assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import { type Backend, getOrThrow, type TrainingPosition } from "../../models/mod.ts";
import { UsageError } from "../../tasks/_cli/errors.ts";
import { createTerminalLine } from "../../tasks/_text/terminal_line.ts";
import {
  checkSettings,
  chooseSettings,
  type ChosenSettings,
  type DataFacts,
  formatChangedFlags,
  type Given,
  resumeSettings,
} from "../../tasks/_train/settings/choose_settings.ts";
import { describeFinished, describeRun } from "../../tasks/_train/describe_run.ts";
import { createProgressDisplay } from "../../tasks/_train/report/progress_display.ts";
import { chooseThreads } from "../../tasks/_model/choose_threads.ts";
import { networkNames } from "../../tasks/_model/networks.ts";
import {
  countSteps,
  planLearningRate,
  planOptimizer,
} from "../../tasks/_train/settings/plan_optimizer.ts";
import { choosePreset, presets } from "../../tasks/_train/settings/presets.ts";
import { formatEpoch } from "../../tasks/_train/report_events.ts";
import {
  chapter,
  completeSaved,
  type TrainSettings,
} from "../../tasks/_train/settings/train_settings.ts";

const { quick } = presets;

/** The facts of Fashion-MNIST, of so many images. */
const facts = (images = quick.images, testImages = 10_000): DataFacts => ({
  channels: 1,
  images,
  testImages,
  size: { height: 28, width: 28 },
});

Deno.test("the chapter's settings are the chapter's", () => {
  const { side, batchSize, epochs, images, optimizer, learningRate, dropout, init } = chapter;
  assertEquals([side, batchSize, epochs, images], [224, 128, 5, 60_000]);
  assertEquals([optimizer, learningRate, dropout, init], ["adam", 0.001, 0.5, "pytorch"]);
});

Deno.test("chooseSettings() puts what is given in the preset's place", () => {
  assertEquals(getOrThrow(chooseSettings("quick", {}, facts())), quick);
  assertEquals(
    getOrThrow(chooseSettings("quick", { side: 99, shuffle: false, epochs: undefined }, facts())),
    {
      ...quick,
      side: 99,
      shuffle: false,
    },
  );
});

Deno.test("chooseSettings() keeps a preset's warm-up to two fifths of the run", () => {
  const { batchSize } = quick;
  const warmupOf = (steps: number) =>
    getOrThrow(chooseSettings("quick", {}, facts(batchSize * steps))).warmup;
  assertEquals([1, 2, 3, 16, 80, 199, 200, 201].map(warmupOf), [0, 0, 1, 6, 32, 79, 80, 80]);
  assertEquals(
    getOrThrow(chooseSettings("quick", { warmup: 80 }, facts(batchSize * 80))).warmup,
    80,
  );
  assertThrows(
    () => getOrThrow(chooseSettings("quick", { warmup: 2 }, facts(1))),
    UsageError,
    "Cannot use --warmup 2: the run has 1 step in all",
  );
});

Deno.test("the schedule of a short run rises and falls, whatever its length", () => {
  for (let steps = 1; steps <= 100; steps++) {
    const settings = getOrThrow(chooseSettings("quick", {}, facts(quick.batchSize * steps)));
    const rate = planLearningRate(settings);
    const rates = Array.from({ length: steps }, (_, i) => rate(i + 1));
    assert(rates.every((rate) => rate > 0 && rate <= quick.learningRate), `${steps} steps`);
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
  const resume = (saved: TrainSettings, given: Partial<TrainSettings>, done = begun) =>
    getOrThrow(resumeSettings(saved, given, done));
  for (const saved of [chapter, quick]) {
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

Deno.test("what a run saved before there were so many settings means what it meant", () => {
  const { side, batchSize, epochs, images, learningRate, warmup, optimizer, momentum } = quick;
  const old = { side, batchSize, epochs, images, learningRate, warmup, optimizer, momentum };
  const saved = { ...old, decay: "linear", dropout: 0.2, init: "kaiming", deviation: 0.5 } as const;
  assertEquals(completeSaved(saved), { ...quick, std: 0.5 });
  assertEquals(completeSaved({ ...saved, decay: "none" }).schedule, "constant");
});

Deno.test("describeRun() says how the schedule of a run with more epochs goes on", () => {
  const wasm = { hardware: false, description: "WASM", reason: "no adapter" } as Backend;
  const position = { epoch: 1, index: 0, step: 800 } as TrainingPosition;
  const describe = (given: Partial<TrainSettings>, at = position) => {
    const settings = getOrThrow(resumeSettings(quick, given, at));
    return describeRun(wasm, settings, { settings: quick, position: at }).slice(1);
  };
  assertEquals(describe({ epochs: 3 }), [
    "resumed: after step 800, with epoch 2 to come",
    "schedule: the learning rate now falls to 0 over 3 epochs, as if the run had begun with so many: " +
    "0.000689 at the next step, in place of 0",
  ]);
  // As a run that had 3 epochs from the beginning.
  assertEquals(planLearningRate({ ...quick, epochs: 3 })(801), 0.001 * 1600 / 2321);
  const within = { ...position, epoch: 0, index: 320, step: 10 };
  assertEquals(describe({}, within), ["resumed: after step 10, image 320 of epoch 1"]);
});

Deno.test("describeFinished() says that a run is finished, and what goes on", () => {
  const options = { resume: "my runs/a" };
  const done = { epoch: 1, step: 1, index: 0 };
  assertEquals(
    describeFinished(quick, done, options),
    "finished: nothing is left of the run's 1 epoch (1 step); " +
      "go on with: deno task train --resume 'my runs/a' --epochs 2",
  );
  assertEquals(describeFinished({ ...quick, epochs: 2 }, done, options), undefined);
  const more = { ...quick, epochs: 2 };
  assertEquals(describeFinished(more, done, { ...options, steps: 2 }), undefined);
  assertEquals(
    describeFinished(more, { epoch: 0, step: 5, index: 5 }, { ...options, steps: 5 }),
    "finished: the run has made 5 steps already, and --steps 5 asks for no more; " +
      "go on with: deno task train --resume 'my runs/a' --steps 6",
  );
  // Interrupted before the evaluation.
  const last = { epoch: 0, step: 5, index: quick.images };
  assertEquals(describeFinished(more, last, { ...options, steps: 5 }), undefined);
});

Deno.test("formatChangedFlags() gives the flags that undo a preset", () => {
  assertEquals(formatChangedFlags(quick, quick), "");
  const changed = { ...quick, shuffle: false, batchSize: 5 };
  assertEquals(formatChangedFlags(quick, changed), "--batch-size 5 --no-shuffle");
  assertEquals(
    formatChangedFlags(changed, quick),
    `--batch-size ${quick.batchSize} --shuffle`,
  );
});

Deno.test("describeRun() says what a run began with, and how to undo the preset", () => {
  const wasm = { hardware: false, description: "WASM", reason: "no adapter" } as Backend;
  const preset = { name: "quick", isNamed: false, settings: quick } as const;
  const describe = (settings: ChosenSettings, given: Given = {}, backend = wasm) =>
    describeRun(backend, settings, undefined, { preset, given: { warmup: given.warmup } });
  const [settings = "", line = ""] = describe(quick);
  assertStringIncludes(settings, `${quick.warmup} steps of warm-up, linear decay`);
  assertStringIncludes(line, `deno task train ${formatChangedFlags(quick, chapter)}`);
  const short = getOrThrow(chooseSettings("quick", {}, facts(512)));
  assertEquals(
    describe(short)[1]?.split(". ")[0],
    "preset: quick, for a machine without a GPU, with --images 512; " +
      "its warm-up is shortened to 6 steps for so short a run",
  );
  const shortest = getOrThrow(chooseSettings("quick", {}, facts(64)));
  assertStringIncludes(
    describe(shortest)[1] ?? "",
    "; its warm-up is left out for so short a run. ",
  );
  const skipping = { ...shortest, onBadRecord: "skip" } as const;
  assertStringIncludes(describe(skipping)[0] ?? "", "1 epoch of 64 images less the broken ones, ");
  // A network without dropout is none with dropout 0.
  const own = getOrThrow(chooseSettings("quick", { model: "net.ts" }, facts()));
  assertEquals(/dropout/.test(describe(own).join().split(". The chapter")[0]!), false);
  // The chapter's run is told by all flags that the preset needs, also where some are given already.
  const nearly = getOrThrow(
    chooseSettings("quick", { batchSize: 128, seed: 5 }, facts(64)),
  );
  const undo = formatChangedFlags(quick, chapter);
  assertStringIncludes(undo, "--batch-size 128");
  assertStringIncludes(undo, "--warmup 0");
  assertStringIncludes(
    describe(nearly)[1] ?? "",
    `The chapter's run is: deno task train ${undo}`,
  );
  assertStringIncludes(describe(chapter)[1] ?? "", "This is the chapter's run");
  assertEquals(
    describe({ ...short, warmup: 3 }, { warmup: 3 })[1]?.split(". ")[0],
    "preset: quick, for a machine without a GPU, with --images 512 --warmup 3",
  );
  const gpu = { ...wasm, hardware: true };
  const plain = { name: "chapter", isNamed: false, settings: chapter } as const;
  assertEquals(describeRun(gpu, chapter, undefined, { preset: plain }).length, 1);
  assertEquals(
    describeRun(wasm, chapter, undefined, { preset: { ...plain, isNamed: true } })[1],
    "preset: chapter, asked for by name",
  );
});

Deno.test("choosePreset() takes the one that fits machine, data, network and weights", () => {
  const usual = { hardware: false, data: "fashion-mnist" };
  assertEquals(choosePreset(usual), "quick");
  assertEquals(choosePreset({ ...usual, hardware: true }), "chapter");
  assertEquals(choosePreset({ ...usual, data: "idx:mnist" }), "quick");
  assertEquals(choosePreset({ ...usual, data: "folder:photos" }), "pictures");
  assertEquals(choosePreset({ ...usual, model: "lenet", hardware: true }), "lenet");
  assertEquals(choosePreset({ ...usual, weights: "partial" }), "fine-tune");
  // With all that was learned the same recipe goes on; pictures of one's own are few.
  assertEquals(choosePreset({ ...usual, weights: "whole" }), "quick");
  assertEquals(choosePreset({ ...usual, data: "folder:photos", weights: "whole" }), "fine-tune");
});

Deno.test("chooseSettings() leaves to the data what a preset leaves open", () => {
  const photos = { channels: 3, images: 1000, testImages: 0 } as const;
  const pictures = getOrThrow(chooseSettings("pictures", {}, photos));
  assertEquals([pictures.channels, pictures.side, pictures.epochs], [3, 64, 30]);
  assertEquals(pictures.images, 1000);
  const many = getOrThrow(chooseSettings("pictures", {}, { ...photos, images: 100_000 }));
  assertEquals(many.epochs, 3);
  const grey = getOrThrow(chooseSettings("pictures", { channels: 1, epochs: 2 }, photos));
  assertEquals([grey.channels, grey.epochs], [1, 2]);
  // Another network than the preset's has a side and choices of its own.
  const lenet = getOrThrow(chooseSettings("quick", { model: "lenet" }, facts()));
  assertEquals([lenet.side, lenet.dropout, lenet.activation], [28, 0, "sigmoid"]);
  const own = getOrThrow(chooseSettings("quick", { model: "net.ts" }, facts()));
  assertEquals(own.side, 28);
  const crops = getOrThrow(chooseSettings("pictures", { augment: "alexnet" }, photos));
  assertEquals(crops.views, "ten-crop");
});

Deno.test("checkSettings() names an unknown network, and flags that don't go together", () => {
  const refuse = (given: Given, message: string) => {
    const checked = checkSettings(given, { ...quick, ...given } as TrainSettings);
    assertEquals(checked._tag === "Left" && checked.left.message, message);
  };
  refuse({ momentum: 0.5 }, "Cannot use --momentum with adam: it is sgd's and rmsprop's");
  refuse(
    { optimizer: "sgd", epsilon: 0.5 },
    "Cannot use --epsilon with sgd: it divides by nothing",
  );
  refuse({ centered: true }, "Cannot use --centered with adam: it is rmsprop's");
  refuse({ optimizer: "sgd", beta1: 0.5 }, "Cannot use --beta1 with sgd: it is adam's and adamw's");
  refuse(
    { model: "resnet18", dropout: 0.5 },
    "Cannot use --dropout with --model resnet18: it has none",
  );
  refuse(
    { model: "resnet18", activation: "relu" },
    "Cannot use --activation with --model resnet18: it has its own",
  );
  refuse(
    { model: "net.ts", dropout: 0.5 },
    "Cannot use --dropout with --model net.ts: it has none",
  );
  const names = networkNames.join(", ");
  refuse(
    { model: "alexnt" },
    `Cannot use --model alexnt (did you mean alexnet?): it must be one of ${names}, or a file .ts`,
  );
  refuse({ mixup: 1, cutmix: 1 }, "Cannot use --cutmix with --mixup: a batch is mixed in one way");
  refuse(
    { pipeline: "a.ts", augment: "light" },
    "Cannot use --pipeline with --augment: one takes the other's place",
  );
  for (
    const fine of [{}, { model: "net.ts" }, { optimizer: "sgd", nesterov: true, momentum: 0.5 }, {
      mixup: 0.2,
    }]
  ) {
    const given = fine as Given;
    assertEquals(checkSettings(given, { ...quick, ...given } as TrainSettings)._tag, "Right");
  }
});

Deno.test("planOptimizer() gives each optimizer all settings of its own", () => {
  const settings: TrainSettings = {
    ...quick,
    momentum: 0.8,
    dampening: 0.1,
    beta1: 0.7,
    beta2: 0.6,
    amsgrad: true,
    alpha: 0.5,
    centered: true,
    rho: 0.4,
    learningRateDecay: 0.3,
    initialSum: 0.2,
  };
  const plan = (optimizer: TrainSettings["optimizer"], epsilon: number) => {
    const { rule } = planOptimizer({ ...settings, optimizer, epsilon }, []);
    return [rule.settings, rule.slots];
  };
  const moments = { m: 0, v: 0, vMax: 0 };
  const adaptive = { beta1: 0.7, beta2: 0.6, epsilon: 1e-8, amsgrad: 1 };
  assertEquals(plan("adam", 0), [adaptive, moments]);
  assertEquals(plan("adamw", 0.5), [{ ...adaptive, epsilon: 0.5 }, moments]);
  assertEquals(plan("sgd", 0), [{ momentum: 0.8, dampening: 0.1, nesterov: 0 }, { momentum: 0 }]);
  assertEquals(plan("rmsprop", 0.1), [
    { alpha: 0.5, epsilon: 0.1, momentum: 0.8, centered: 1 },
    { square: 0, mean: 0, momentum: 0 },
  ]);
  assertEquals(plan("adagrad", 0), [
    { learningRateDecay: 0.3, initialSum: 0.2, epsilon: 1e-10 },
    { sum: 0.2 },
  ]);
  assertEquals(plan("adadelta", 0), [{ rho: 0.4, epsilon: 1e-6 }, { square: 0, delta: 0 }]);
});

Deno.test("planLearningRate() goes by updates, and ends with the last", () => {
  const settings = { ...quick, images: 100, batchSize: 10, epochs: 2, accumulate: 4, warmup: 2 };
  assertEquals(countSteps(settings), 20);
  for (const schedule of ["linear", "cosine", "one-cycle"] as const) {
    const rate = planLearningRate({ ...settings, schedule });
    const rates = Array.from({ length: 6 }, (_, i) => rate(i + 1) / settings.learningRate);
    const [first = 0, second = 0, , , last = 1, beyond = 1] = rates;
    if (schedule !== "one-cycle") assertEquals([first, second], [0.5, 1]);
    assert(last < 0.5 && last > 0, `${schedule}: ${rates}`);
    assert(beyond < 1e-4, `${schedule}: ${rates}`);
  }
});

Deno.test("formatEpoch() is the chapter's line", () => {
  const sums = {
    steps: 2,
    examples: 256,
    seconds: 100,
    metrics: {
      loss: { sum: 0.7 * 128 + 0.5 * 128, weight: 256, stepMeans: 1.2 },
      accuracy: { sum: 208, weight: 256, stepMeans: 1.6 },
    },
  };
  const validation = { loss: 0.4, accuracy: 0.8649 };
  assertEquals(
    formatEpoch({ epoch: 0, sums, validation, seconds: 128.31 }, "test", true),
    "epoch 1, loss 0.0047, train acc 0.813, test acc 0.865, time 128.3 sec",
  );
  assertEquals(
    formatEpoch({ epoch: 1, sums, seconds: 9 }, "val", false),
    "epoch 2, loss 0.6000, train acc 0.813, time 9.0 sec",
  );
  const further = { ...validation, "balanced-accuracy": 0.75 };
  assertEquals(
    formatEpoch({ epoch: 1, sums, validation: further, seconds: 9 }, "val", false),
    "epoch 2, loss 0.6000, train acc 0.813, val acc 0.865, val balanced acc 0.750, time 9.0 sec",
  );
});

Deno.test("createProgressDisplay() draws a bar and the loss on a terminal and prints a line now and then elsewhere", () => {
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
      // The first step starts workers and compiles programs, too: nothing can be told from it.
      time += step === 1 ? 60_000 : 2000;
      progress.step({ step, size: 10, loss: 2 - step / 10, accuracy: 0.5 }, 1);
    }
    progress.test(0.5);
    return { drawn, lines };
  };
  const terminal = run(true);
  assertEquals([terminal.drawn.length, terminal.lines.length], [10, 0]);
  assertMatch(terminal.drawn[0] ?? "", /epoch 1\/2, step 1\/20, loss 1\.9000(?!,)/);
  assertStringIncludes(
    terminal.drawn[9] ?? "",
    "[############............] █▇▆▆▅▄▃▃▂▁ epoch 1/2, step 10/20, loss 1.0000, 5.0 images/s, 20 s left",
  );
  const plain = run(false);
  assertEquals(plain.drawn, []);
  assertEquals(plain.lines, [
    "epoch 1/2, step 1/20, loss 1.9000",
    "epoch 1/2, step 6/20, loss 1.4000, 5.0 images/s, 28 s left",
  ]);
});

const choose = (...args: Parameters<typeof chooseThreads>) => getOrThrow(chooseThreads(...args));

Deno.test("chooseThreads() takes the cores that get some images each, or what is asked for", () => {
  const wasm = { name: "wasm" } as Backend;
  const webgpu = { name: "webgpu", description: "WebGPU on a card" } as Backend;
  assertEquals([128, 32, 17, 15, 1].map((size) => choose(undefined, wasm, size, 8)), [
    8,
    4,
    2,
    1,
    1,
  ]);
  assertEquals(choose(undefined, wasm, 65536, 2000), 64);
  assertEquals(choose(3, wasm, 1, 1), 3);
  assertEquals([undefined, 1].map((given) => choose(given, webgpu, 128, 8)), [1, 1]);
  assertThrows(
    () => choose(2, webgpu, 128, 8),
    UsageError,
    "Cannot use --threads 2 on WebGPU on a card",
  );
});
