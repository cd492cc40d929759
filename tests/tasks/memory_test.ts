// What a training says of the memory that it will take, against what it takes; and what becomes of one that hasn't enough.
import { assert, assertEquals, assertMatch } from "@std/assert";
import { adam, alexnet, build, getOrThrow, resnet8, sgd } from "@rill/rill/models";
import { describeNeed, warnOfMemory } from "../../tasks/_memory/describe_memory.ts";
import { estimateMemory } from "../../tasks/_memory/estimate_memory.ts";
import { findFreeMemory } from "../../tasks/_memory/free_memory.ts";
import { testUnless } from "../_test_unless.ts";
import { readTaskArgs, root, withFolder } from "./_task.ts";

const noProc = Deno.build.os !== "linux" && "/proc is Linux's";

/** Trains for some steps. Gives the peak of the memory that it took. */
async function measurePeak(dir: string, args: readonly string[]): Promise<number> {
  const command = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "tests/tasks/_peak_memory.ts", Deno.execPath()]
      .concat(await readTaskArgs("train"), args, "--backend", "wasm", "--out", `${dir}/run`)
      .concat("--epochs", "1", "--quiet"),
    cwd: root,
    stdin: "null",
    signal: AbortSignal.timeout(170_000),
  });
  const { code, peak } = JSON.parse(new TextDecoder().decode((await command.output()).stdout));
  assertEquals(code, 0);
  return peak;
}

for (
  const [name, layer, side, threads, images] of [
    ["resnet8", resnet8({ classes: 10 }), 28, 1, 512],
    ["alexnet", alexnet({ classes: 10 }), 67, 2, 128],
  ] as const
) {
  testUnless(
    noProc,
    `the memory of ${name} at ${side} in ${threads} threads is as estimated`,
    () =>
      withFolder(async (dir) => {
        const network = getOrThrow(build(layer, [side, side, 1]));
        const { host } = estimateMemory(network, adam(), {
          backend: "wasm",
          batchSize: 128,
          threads,
        });
        const peak = await measurePeak(dir, [
          ...["--preset", "quick", "--model", name, "--threads", `${threads}`],
          ...["--images", `${images}`, "--test-images", "256"],
        ]);
        const share = host / peak;
        assert(share > 0.8 && share < 1.2, `estimated ${host / 1e6} MB, measured ${peak / 1e6} MB`);
      }),
  );
}

Deno.test("a training needs more for larger batches, more threads and optimizers that keep more", () => {
  const network = getOrThrow(build(resnet8({ classes: 10 }), [28, 28, 1]));
  const options = { backend: "wasm", batchSize: 32, threads: 1 } as const;
  const { host, device } = estimateMemory(network, adam(), options);
  assertEquals(device, 0);
  assert(estimateMemory(network, adam(), { ...options, batchSize: 64 }).host > host);
  assert(estimateMemory(network, adam(), { ...options, threads: 2 }).host > host);
  assert(estimateMemory(network, sgd(), options).host < host);
  const gpu = estimateMemory(network, adam(), { ...options, backend: "webgpu" });
  assert(gpu.device > 0 && gpu.host < host);
  assertMatch(describeNeed(gpu), /^memory: about 0\.\d\d GB, and 0\.\d+ GB of the GPU's$/);
  assertMatch(describeNeed({ host, device }, 2), /^memory: about 0\.\d+ GB for each rank$/);
});

Deno.test("a training warns where the machine or its cgroup has less", () => {
  const need = { host: 2e9, device: 1e9 };
  assertEquals(warnOfMemory(need, { bytes: 2.5e9, by: "machine" }, false), undefined);
  assertEquals(warnOfMemory(need, undefined, true), undefined);
  assertMatch(
    warnOfMemory(need, { bytes: 2e9, by: "machine" }, true)!,
    /^warning: the run needs about 3\.0 GB of memory, and the machine has 2\.0 GB free: the system may/,
  );
  assertMatch(
    warnOfMemory(need, { bytes: 1e9, by: "cgroup" }, false)!,
    /needs about 2\.0 GB of memory, and its cgroup \(a container's limit\) gives it 1\.0 GB: /,
  );
  assertMatch(
    warnOfMemory(need, { bytes: 4e9, by: "machine" }, false, 3)!,
    /^warning: the run's 3 ranks here need about 6\.0 GB of memory, and the machine has 4\.0 GB free: /,
  );
});

Deno.test("the memory that there is, is the machine's or the cgroup's, whichever is less", async () => {
  const script = `
    import { findFreeMemory } from ${JSON.stringify(`file://${root}tasks/_memory/free_memory.ts`)};
    const find = (availableMemory, constrainedMemory) =>
      findFreeMemory({ availableMemory: () => availableMemory, constrainedMemory: () => constrainedMemory }) ?? null;
    console.log(JSON.stringify([find(8, 0), find(8, 2 ** 63), find(8, 5), find(0, 0)]));`;
  const run = async (...flags: string[]) => {
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-check", ...flags, "--ext=ts", "-"],
      cwd: root,
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    }).spawn();
    await new Blob([script]).stream().pipeTo(child.stdin);
    return JSON.parse(new TextDecoder().decode((await child.output()).stdout));
  };
  const machine = { bytes: 8, by: "machine" };
  assertEquals(await run("--allow-sys=systemMemoryInfo"), [
    machine,
    machine,
    { bytes: 5, by: "cgroup" },
    null,
  ]);
  // Nobody is asked for a permission.
  assertEquals(await run(), [null, null, null, null]);
  const found = findFreeMemory();
  assert(found === undefined || found.bytes > 0);
});
