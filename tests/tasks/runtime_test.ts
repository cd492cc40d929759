import { assertEquals, assertStrictEquals } from "@std/assert";
import { BackendError } from "../../models/mod.ts";
import type { SavedRun } from "../../tasks/_train/parse_run.ts";
import { explainRemembered } from "../../tasks/_train/run_training.ts";
import {
  describeChanges,
  explainSame,
  readRuntime,
  rememberFlags,
  type Runtime,
  toRuntime,
} from "../../tasks/_train/runtime.ts";

const runtime: Runtime = {
  backend: "webgpu",
  kernels: "rill",
  precision: "mixed",
  threads: 1,
  saveEvery: 20,
  keep: 3,
  logEvery: 5,
  tuning: { format: 1 },
  rill: "0.1.0",
};

Deno.test("rememberFlags() computes and saves as before, unless flags say otherwise", () => {
  assertEquals(rememberFlags({ epochs: 3 }, undefined), { epochs: 3 });
  const { backend, kernels, precision, saveEvery, keep, logEvery } = runtime;
  const remembered = { backend, kernels, precision, saveEvery, keep, logEvery };
  assertEquals(rememberFlags({ epochs: 3 }, runtime), { ...remembered, epochs: 3 });
  const changed = { precision: "float32", keep: 1, saveEvery: { seconds: 30 } } as const;
  assertEquals(rememberFlags(changed, runtime), { ...remembered, ...changed });
  // What belongs to a GPU is nothing to WASM.
  assertEquals(rememberFlags({ backend: "wasm" }, runtime), {
    ...{ backend: "wasm", saveEvery, keep, logEvery },
  });
  const wasm: Runtime = { ...runtime, backend: "wasm", precision: "float32", threads: 3 };
  assertEquals(rememberFlags({}, wasm).threads, 3);
  assertEquals(rememberFlags({ threads: 2 }, wasm).threads, 2);
});

Deno.test("rememberFlags() keeps a number of threads that was given, and chooses anew where none was", () => {
  const wasm: Runtime = { ...runtime, backend: "wasm", precision: "float32", threads: 3 };
  const [alone, ranks] = [{}, { distributed: true }];
  const read = (flags: { readonly threads?: number }) =>
    readRuntime(
      JSON.parse(JSON.stringify(toRuntime(flags, { name: "wasm" }, {
        threads: 3,
        tuning: undefined,
      }))),
    );
  const keeps = (before: Runtime | undefined) =>
    [alone, ranks].map((flags) => rememberFlags(flags, before).threads);
  assertEquals(keeps(read({ threads: 3 })), [3, 3]);
  assertEquals(keeps(read({})), [undefined, undefined]);
  // Of a run that doesn't say, which had no ranks.
  assertEquals(keeps(wasm), [3, undefined]);
  assertEquals(explainSame(wasm, 3), "as it was before");
  assertEquals(explainSame(read({ threads: 3 })!, 3), "as it was before, by --threads 3");
  assertEquals(explainSame(read({})!, 1), "in place of 3, otherwise as it was before");
});

Deno.test("readRuntime() reads what a run wrote, and nothing that isn't that", () => {
  assertEquals(readRuntime(JSON.parse(JSON.stringify(runtime))), runtime);
  const usual = toRuntime({}, { name: "wasm" }, { threads: 2, tuning: undefined });
  assertEquals(readRuntime(JSON.parse(JSON.stringify(usual))), usual);
  assertEquals(usual.saveEvery, { seconds: 120 });
  const direct = toRuntime({ kernels: "direct" }, { name: "wasm" }, {
    threads: 2,
    tuning: undefined,
  });
  assertEquals(readRuntime(JSON.parse(JSON.stringify(direct)))?.kernels, "direct");
  const bad = [{ backend: "cpu" }, { kernels: "fast" }, { threads: 0 }, {
    saveEvery: { seconds: -1 },
  }, { keep: 1.5 }];
  for (const change of bad) assertEquals(readRuntime({ ...runtime, ...change }), undefined);
  for (const value of [undefined, null, 1, "x", []]) assertEquals(readRuntime(value), undefined);
});

Deno.test("describeChanges() says from what digits may differ", () => {
  assertEquals(describeChanges(runtime, runtime), []);
  assertEquals(describeChanges(undefined, runtime), []);
  assertEquals(describeChanges(runtime, { ...runtime, threads: 2, keep: 1, saveEvery: 1 }), []);
  assertEquals(
    describeChanges(runtime, {
      ...runtime,
      kernels: "direct",
      precision: "float32",
      rill: "0.2.0",
      tuning: undefined,
    }),
    [
      "computed otherwise than before: kernels rill, now direct; precision mixed, now float32; rill 0.1.0, now 0.2.0; " +
      "another tuning; the last digits may differ",
    ],
  );
});

Deno.test("explainRemembered() names the flag that goes on without the backend of before", () => {
  const saved = { runtime } as SavedRun;
  const request = { saved, flags: { resume: "runs/a" } };
  const missing = new BackendError("webgpu", "Cannot open WebGPU: there is no adapter", {
    code: "no-adapter",
  });
  assertEquals(
    explainRemembered(missing, request, {}).message,
    "Cannot go on with runs/a as it was computed: Cannot open WebGPU: there is no adapter; " +
      "go on otherwise with --backend wasm",
  );
  assertStrictEquals(explainRemembered(missing, request, { backend: "webgpu" }), missing);
  assertStrictEquals(explainRemembered(missing, { ...request, saved: undefined }, {}), missing);
  const other = new Error("no");
  assertStrictEquals(explainRemembered(other, request, {}), other);
});
