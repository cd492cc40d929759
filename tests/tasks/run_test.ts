import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { type Backend, getOrThrow } from "../../models/mod.ts";
import { UsageError } from "../../tasks/_cli/errors.ts";
import { createTerminalLine } from "../../tasks/_text/terminal_line.ts";
import {
  chooseSettings,
  formatChangedFlags,
  resumeSettings,
} from "../../tasks/_train/choose_settings.ts";
import { describeRun } from "../../tasks/_train/describe_run.ts";
import { createProgressDisplay } from "../../tasks/_train/progress_display.ts";
import {
  addSeconds,
  addStep,
  formatEpoch,
  initialCounters,
} from "../../tasks/_train/run_counters.ts";
import { chapter, cpuPreset } from "../../tasks/_train/train_settings.ts";

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

Deno.test("chooseSettings() keeps the warm-up within the run", () => {
  assertEquals(
    getOrThrow(chooseSettings(cpuPreset, { images: cpuPreset.batchSize * 16 })).warmup,
    2,
  );
  assertThrows(
    () => getOrThrow(chooseSettings(cpuPreset, { images: 1, warmup: 2 })),
    UsageError,
    "Cannot use --warmup 2: the run has 1 steps in all",
  );
});

Deno.test("resumeSettings() lets epochs change where no step made depends on them", () => {
  assertEquals(getOrThrow(resumeSettings(chapter, { epochs: 7, side: 224 })), {
    ...chapter,
    epochs: 7,
  });
  assertThrows(
    () => getOrThrow(resumeSettings(chapter, { seed: 5 })),
    UsageError,
    "Cannot use --seed 5",
  );
  const decaying = { ...chapter, decay: "linear" } as const;
  assertThrows(
    () => getOrThrow(resumeSettings(decaying, { epochs: 7 })),
    UsageError,
    "Cannot use --epochs 7",
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
