import { assert, assertEquals, assertMatch } from "@std/assert";
import { testUnless } from "../../_test_unless.ts";
import {
  beginArgs,
  compareFolders,
  readFolder,
  readSavedStep,
  startRun,
} from "../_kill/small_run.ts";
import { writeData } from "../_idx_data.ts";
import { runTask, withFolder } from "../_task.ts";
import { isRunning } from "../mpi/_mpirun.ts";
import { hasHosts, kill, mpich, mpirun, type RankGroup, startRanks } from "./_train_ranks.ts";

/** Registers a test that needs Open MPI. */
const mpiTest = (name: string, fn: (dir: string) => Promise<void>) =>
  testUnless(mpirun === undefined && "no Open MPI", name, () => withFolder(fn));

/** How long ranks may take to end when one has failed, in milliseconds. */
const ENDING = 10_000;

/**
 * A recipe by which parameters grow to three times as much in each step, until in step 80 or so the loss overflows, and with half
 * the learning rate by none.
 */
const OVERFLOWING = [
  ...["--optimizer", "adamw", "--learning-rate", "0.002", "--weight-decay", "1995"],
  ...["--images", "330", "--batch-size", "6", "--on-nan", "retry"],
];

mpiTest(
  "ranks train to the same bytes, also when they go back, and when one is killed and others go on",
  async (dir) => {
    const whole = await (await startRun(beginArgs(`${dir}/whole`, 1, OVERFLOWING))).ended;
    assertEquals(whole.code, 0, whole.stderr);
    const run = `${dir}/run`;
    const args = beginArgs(run, 1, OVERFLOWING);
    const ranks = await startRanks([{ ranks: 2, args }], `${dir}/first`);
    const [, last] = await ranks.processes();
    while (await readSavedStep(run) < 80) await new Promise((resolve) => setTimeout(resolve, 20));
    await kill(last!);
    const killed = performance.now();
    assert((await ranks.ended).code !== 0);
    const processes = await ranks.processes();
    while (processes.some(isRunning)) {
      assert(performance.now() - killed < ENDING, "a rank still runs");
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const log = await Deno.readTextFile(`${run}/log.jsonl`);
    assertMatch(log, /"event":"retry","failedStep":\d+,/);
    const others = await startRanks(
      [{ ranks: 4, args: ["--resume", run, "--quiet"] }],
      `${dir}/second`,
      // Whichever kind.
      { by: mpich ?? mpirun! },
    );
    const end = await others.ended;
    assertEquals([end.code, end.errors], [0, []], end.stderr);
    assertEquals(compareFolders(await readFolder(`${dir}/whole`), await readFolder(run)), []);
  },
);

testUnless(
  mpirun === undefined ? "no Open MPI" : await hasHosts() ? undefined : "no network namespaces",
  "ranks on two hosts train to the bytes of one",
  () =>
    withFolder(async (dir) => {
      const short = ["--steps", "12"];
      const alone = await startRun([...beginArgs(`${dir}/one`, 2), ...short]);
      const args = [...beginArgs(`${dir}/two`, 2), ...short, "--cache", "cache"];
      const groups = ["north", "south"].map((host) => ({ ranks: 1, args, cwd: `${dir}/${host}` }));
      await Promise.all(groups.map(({ cwd }) => Deno.mkdir(cwd)));
      const ranks = await startRanks(groups, `${dir}/note`, { hosts: 2 });
      for (const { ended } of [alone, ranks]) {
        const { code, stderr } = await ended;
        assertEquals(code, 0, stderr);
      }
      const [one, two] = [await readFolder(`${dir}/one`), await readFolder(`${dir}/two`)];
      assertEquals(compareFolders(one, two), []);
      const { hosts } = JSON.parse(new TextDecoder().decode(two.get("log.jsonl")).split("\n")[0]!);
      assertEquals(hosts, ["north", "south"]);
      // Each has kept its images, by the same name.
      const [north, south] = groups.map(({ cwd }) => [...Deno.readDirSync(`${cwd}/cache`)]);
      assertEquals([north!.length, south], [1, north]);
    }),
);

mpiTest("ranks that don't fit together end in one line", async (dir) => {
  await Deno.mkdir(`${dir}/one`);
  await Deno.mkdir(`${dir}/two`);
  await writeData(`${dir}/one/data`);
  await writeData(`${dir}/two/data`);
  await Deno.writeFile(
    `${dir}/two/data/train-labels-idx1-ubyte`,
    (await Deno.readFile(`${dir}/two/data/train-labels-idx1-ubyte`)).fill(3, 8),
  );
  const args = [
    ...["--data", "idx:data", "--preset", "lenet", "--backend", "wasm", "--threads", "1"],
    ...["--epochs", "1", "--batch-size", "5", "--quiet", "--out", "run"],
  ];
  const cases: [RankGroup[], RegExp][] = [
    [
      [{ ranks: 1, args, cwd: `${dir}/one` }, { ranks: 1, args, cwd: `${dir}/two` }],
      /^error: Cannot go on as rank 1 failed: Cannot train on idx:data of \S+ as it isn't that of rank 0: there are 20 training images here and 20 there, with other labels$/,
    ],
    [
      [{ ranks: 2, args, cwd: `${dir}/one` }, {
        ranks: 1,
        args: [...args, "--seed", "1"],
        cwd: `${dir}/one`,
      }],
      /^error: Cannot train with rank 2, on \S+, and rank 0, on \S+, as they have the flags … --seed 1 and …$/,
    ],
  ];
  for (const [i, [groups, expected]] of cases.entries()) {
    const { code, errors, stderr } = await (await startRanks(groups, `${dir}/note ${i}`)).ended;
    assert(code !== 0);
    assertEquals(errors.length, 1, stderr);
    assert(expected.test(errors[0]!), errors[0]);
    // Nothing is left of it.
    assertEquals([...Deno.readDirSync(`${dir}/one`)].map(({ name }) => name), ["data"]);
  }
});

mpiTest(
  "a run of ranks that mpirun hasn't started says how to, and a host's first rank what is wrong",
  async () => {
    const args = ["train", "--distributed"];
    const [alone, second] = await Promise.all([
      runTask(args),
      runTask([...args, "--batch-size", "0"], { env: { OMPI_COMM_WORLD_LOCAL_RANK: "1" } }),
    ]);
    assertEquals([alone!.code, alone!.errors], [1, [
      "error: Cannot join other ranks as this process wasn't started as one: mpirun -n N starts N ranks of a program",
    ]]);
    assertEquals([second!.code, second!.stderr], [2, ""]);
  },
);
