import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { KEEP_MEMORY, type Variables } from "../../tasks/_bench/shared/start_python.ts";
import { parseAbout, parseRate } from "../../tasks/_bench/train/pytorch_trainer.ts";
import { formatTrainReport, type TrainerReport } from "../../tasks/_bench/train/train_report.ts";
import {
  chooseFastest,
  compareSteps,
  listSettings,
  type PytorchProcess,
  tunePytorch,
} from "../../tasks/_bench/train/tune_pytorch.ts";

const AVX512 = ["avx2", "fma", "avx512f", "avx512bw", "avx512dq", "avx512vl"];

Deno.test("listSettings tries OpenBLAS's kernels for the processor's vectors, and a thread a core", () => {
  const types = (flags: string[], openblas = true) =>
    listSettings({ openblas, cores: 2, flags }, 2).map((one) => one["OPENBLAS_CORETYPE"]);
  assertEquals(types(AVX512), ["SkylakeX", "Haswell"]);
  // One that lacks any of them may die of an instruction.
  assertEquals(types(AVX512.slice(0, -1)), ["Haswell"]);
  assertEquals(types(["avx2"]), []);
  assertEquals(types(AVX512, false), []);
  assertEquals(listSettings({ openblas: true, cores: 4, flags: ["avx2", "fma"] }, 8), [
    { OMP_NUM_THREADS: "8", OPENBLAS_CORETYPE: "Haswell" },
    { OMP_NUM_THREADS: "4" },
    { OMP_NUM_THREADS: "4", OPENBLAS_CORETYPE: "Haswell" },
  ]);
  assertEquals(listSettings({ openblas: false, cores: null, flags: [] }, 8), []);
});

Deno.test("chooseFastest takes the fastest step of those that multiply about as fast as any", () => {
  const [slow, quick, slower] = [
    { variables: {}, gflops: 100, seconds: 1, cores: 2 },
    { variables: { A: "1" }, gflops: 300, seconds: 3, cores: 2 },
    { variables: { A: "2" }, gflops: 320, seconds: 4, cores: 2 },
  ] as const;
  assertEquals(chooseFastest([slow]), slow);
  assertEquals(chooseFastest([slow, slower, quick]), quick);
});

Deno.test("what PyTorch answers is parsed", () => {
  const about = { about: "PyTorch 2", cuda: false, openblas: true, cores: 2, flags: ["avx2"] };
  assertEquals(parseAbout(JSON.stringify(about)), about);
  assertEquals(parseRate('{"gflops": 320.5}'), 320.5);
  for (const answer of ["{}", '{"gflops": 0}', '{"seconds": 1}']) {
    assertThrows(() => parseRate(answer), Error, `Cannot measure PyTorch's product: it says`);
  }
});

/** Starts a PyTorch of so many seconds a step and GFLOP/s, as its variables are. */
function startFake(speed: (variables: Variables) => [seconds: number, gflops: number]) {
  const tried: Variables[] = [];
  let open = 0;
  const start = (variables: Variables): Promise<PytorchProcess> => {
    tried.push(variables);
    open++;
    const [seconds, gflops] = speed(variables);
    return Promise.resolve({
      ...{ about: "PyTorch", cuda: false, openblas: true, cores: 2, flags: AVX512 },
      multiply: () =>
        gflops > 0 ? Promise.resolve(gflops) : Promise.reject(new Error("its process ended")),
      run: (steps) => Promise.resolve({ seconds: steps * seconds }),
      close: () => Promise.resolve(void open--),
    });
  };
  return { start, tried, left: () => open };
}

Deno.test("tunePytorch tries each of the settings, with and without keeping memory, and closes all", async () => {
  const notes: string[] = [];
  const { start, tried, left } = startFake((variables) =>
    variables["OPENBLAS_CORETYPE"] === "Haswell"
      ? [0, 0] // It fails, and is left out.
      : variables["MALLOC_MMAP_MAX_"] === undefined
      ? [1.5, 100] // Other work has a core.
      : [2, variables["OPENBLAS_CORETYPE"] ? 320 : 300]
  );
  const tuned = await tunePytorch(start, 2, (line) => notes.push(line));
  const threads = { OMP_NUM_THREADS: "2" };
  assertEquals(tried, [
    { ...threads, ...KEEP_MEMORY },
    { ...threads, OPENBLAS_CORETYPE: "SkylakeX", ...KEEP_MEMORY },
    { ...threads, OPENBLAS_CORETYPE: "Haswell", ...KEEP_MEMORY },
    threads, // As fast as SkylakeX's and first.
  ]);
  assertEquals(tuned, { variables: threads, gflops: 300, seconds: 1.5, cores: 2 });
  assertEquals(left(), 0);
  assertStringIncludes(notes[2] ?? "", "OPENBLAS_CORETYPE=Haswell");
  assertStringIncludes(notes[2] ?? "", ": its process ended");
  assertEquals(notes[3], "PyTorch with OMP_NUM_THREADS=2: 100 GFLOP/s, 1.50 s a step");
});

Deno.test("tunePytorch says why there is none, before a process and after", async () => {
  const missing = { missing: "there is no python3" };
  assertEquals(await tunePytorch(() => Promise.resolve(missing), 2, () => {}), missing);
  const { start, left } = startFake(() => [0, 0]);
  assertEquals(await tunePytorch(start, 2, () => {}), { missing: "its process ended" });
  assertEquals(left(), 0);
});

Deno.test("a PyTorch below 40 GFLOP/s a core isn't compared, and a line says so", () => {
  const [runs, others] = [[2, 4], [1, 1]];
  const ratios = [79.9, 80].map((gflops) => compareSteps({ gflops, cores: 2 }, runs, others));
  assertEquals([...ratios, compareSteps(undefined, runs, others)], [null, 3, 3]);
  const one = (name: string, rest: Pick<TrainerReport, "product" | "ratio">): TrainerReport => ({
    ...{ name, about: "A", steps: 1, seconds: 1, least: 1, runs: [1], imagesPerSecond: 2 },
    ...{ gflops: 1, share: null, commands: null, peakRss: 2 ** 20, firstLoss: 2, ...rest },
  });
  const format = (gflops: number, ratio: number | null) =>
    formatTrainReport({
      machine: {
        ...{ os: "linux", arch: "x86_64", processor: "X", cores: 2, deno: "2.9.6", load: 0 },
      },
      ...{ backend: "wasm", side: 67, batchSize: 2, rounds: 1, gflop: 1, peak: null, missing: [] },
      contestants: [
        one("Rill", { product: null, ratio: 1 }),
        one("PyTorch", { product: { gflops, cores: 2 }, ratio }),
      ],
      start: { missing: "no" },
    }).split("\n");
  const [, , , , , fast, , , line] = format(320, 0.75);
  assertStringIncludes(fast ?? "", "0.750 ×  A");
  assertEquals(line, "a product of 1024 × 1024 × 1024 by PyTorch: 320 GFLOP/s, 160 a core");
  const [, , , , , slow, , , refused] = format(60, null);
  assertEquals(/×/.test(slow ?? ""), false);
  assertStringIncludes(
    refused ?? "",
    "60.0 GFLOP/s, 30.0 a core, less than the 40 of one that is set up for its processor, so it isn't compared",
  );
});
