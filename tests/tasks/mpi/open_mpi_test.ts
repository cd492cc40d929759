import { assert, assertEquals, assertThrows } from "@std/assert";
import { openMpi } from "@rill/rill/mpi";
import { runProcess } from "../../_package/process.ts";
import { testUnless } from "../../_test_unless.ts";
import { FAILING } from "../../models/parallel/_communicator.ts";
import { readLaunch } from "../../../tasks/mpi/_launch.ts";
import { root, withFolder } from "../_task.ts";
import { ENVIRONMENT, findMpirun, type Mpirun, type Ranks, runRanks } from "./_mpirun.ts";
import { TIMEOUT } from "./_rank.ts";

const openMpirun = await findMpirun("Open MPI");
const mpich = await findMpirun("MPICH");

/** How long ranks may take to end when one has failed, in milliseconds. */
const ENDING = 10_000;

/** Registers a test that needs Open MPI. */
const mpiTest = (name: string, fn: (mpirun: Mpirun) => Promise<void>) =>
  testUnless(openMpirun ? undefined : "no Open MPI", name, () => fn(openMpirun!));

/** Asserts that all ranks have ended, by an error of theirs, and in time. */
function assertEnded({ code, left, ending }: Ranks) {
  assert(code !== 0, "mpirun tells of no failure");
  assertEquals(left, []);
  assert(ending < ENDING, `it took ${ending} ms`);
}

/** Asserts that some ranks have checked all, and nothing else. */
function assertChecked({ code, lines, errors, left }: Ranks, size: number, library: RegExp) {
  assertEquals([code, errors, left], [0, [], []]);
  const versions = new Set(lines.map((line) => / checked (.*) on 1 host$/.exec(line)?.[1]));
  assertEquals(versions.size, 1);
  assert(library.test([...versions][0] ?? ""), `${[...versions]}`);
  assertEquals(lines.map((line) => line[0]), Array.from({ length: size }, (_, rank) => `${rank}`));
}

mpiTest(
  "2 ranks of Open MPI are a communicator, with its library's permission alone",
  async (mpirun) => {
    const library = `/usr/lib/${Deno.build.arch}-linux-gnu/libmpi.so.40`;
    // Where it is elsewhere, it can't be named.
    const flag = await Deno.stat(library).then(() => `--allow-ffi=${library}`, () => "--allow-ffi");
    assertChecked(await runRanks(mpirun, 2, "check", { flags: [flag] }), 2, /^Open MPI v\d/);
  },
);

mpiTest("4 ranks of Open MPI are a communicator", async (mpirun) => {
  assertChecked(await runRanks(mpirun, 4, "check"), 4, /^Open MPI v\d/);
});

testUnless(mpich ? undefined : "no MPICH", "2 ranks of MPICH are a communicator", async () => {
  assertChecked(await runRanks(mpich!, 2, "check"), 2, /^MPICH \d/);
});

mpiTest("all ranks are told which has failed and why, and end with mpirun", async (mpirun) => {
  // Each has told its process, and that it was told.
  const ranks = await runRanks(mpirun, 3, "fail", { endAfter: 6 });
  assertEquals(ranks.lines, ["0 was told", "1 was told", "2 was told"]);
  assertEnded(ranks);
});

mpiTest("a rank that leaves before the others ends them", async (mpirun) => {
  const ranks = await runRanks(mpirun, 3, "leave");
  const told = `error: Cannot go on as rank ${FAILING} failed: it ended before the others`;
  // Where the first to fail ends before the other has told, mpirun ends that one.
  assertEquals([...new Set(ranks.errors)], [told]);
  assertEquals(ranks.code, 1);
  assertEnded(ranks);
});

mpiTest("a rank that is killed ends the others", async (mpirun) => {
  const ranks = await runRanks(mpirun, 3, "kill", { flags: ["--allow-ffi", "--allow-run"] });
  assertEquals([ranks.code, ranks.errors], [128 + 9, []]);
  assertEnded(ranks);
});

testUnless(mpich ? undefined : "no MPICH", "a rank whose starter is killed ends", async () => {
  const flags = ["--allow-ffi", "--allow-run"];
  const through = ["sh", "-c", '"$@"; exit $?', "sh"];
  const ranks = await runRanks(mpich!, 2, "orphan", { flags, through });
  assertEquals(ranks.errors, [
    `error: Cannot go on as rank ${FAILING} failed: what started it has ended`,
  ]);
  assertEnded(ranks);
});

mpiTest(
  "a rank that hangs is named after the time for it, and not one that waits",
  async (mpirun) => {
    const ranks = await runRanks(mpirun, 3, "hang");
    const told = `error: Cannot go on as rank ${FAILING} failed: it hasn't answered for ${
      TIMEOUT / 1000
    } s`;
    assertEquals([...new Set(ranks.errors)], [told]);
    assertEquals([...new Set(ranks.lines)], [`late: ${FAILING}`]);
    assertEquals(ranks.code, 1);
    assertEnded(ranks);
  },
);

Deno.test("what can't join others says why in a line", async () => {
  await withFolder(async (dir) => {
    const file = `${dir}/libmpi.so.40`;
    await Deno.writeTextFile(file, "not a library");
    const program = `${root}tests/tasks/mpi/_no_rank.ts`;
    const flags = ["run", "--quiet", "--no-check", "--no-prompt", "--allow-env"];
    const installed = openMpirun ? ["installed"] : [];
    const [allowed, denied] = await Promise.all(
      [["--allow-ffi"], []].map((ffi) =>
        runProcess(Deno.execPath(), [...flags, ...ffi, program, file, ...installed], dir)
      ),
    );
    assertEquals(allowed!.stderr, "");
    const advice = "Debian has Open MPI in openmpi-bin and libopenmpi3, MPICH in mpich";
    const [missing, broken, other, ...rest] = allowed!.stdout.trim().split("\n").map((line) =>
      JSON.parse(line)
    );
    assertEquals(missing, [
      `Cannot load MPI as there is no libnothing.so.1: ${advice}`,
      "libnothing.so.1",
    ]);
    assertEquals(broken[1], file);
    assert(/^Cannot load MPI as its library can't be used: .*(?:header|short)/.test(broken[0]));
    assertEquals(other, [
      "Cannot use libc.so.6 as MPI: it is none, or older than MPI 3.0",
      "libc.so.6",
    ]);
    if (openMpirun) {
      const [alone, slurm, kind, singleton] = rest.map(([message]) => message);
      assertEquals(
        alone,
        "Cannot join other ranks as this process wasn't started as one: mpirun -n N starts N ranks of a program",
      );
      assertEquals(
        slurm,
        "Cannot join other ranks as this process wasn't started as one: srun starts ranks by --mpi=pmix, " +
          "those of MPICH by --mpi=pmi2, as far as srun --mpi=list has these",
      );
      const by = /^Cannot join other ranks by libmpi\.so\.40, of Open MPI v\S+, as (.*)$/;
      assertEquals(by.exec(kind)?.[1], "mpirun is of MPICH: both must be of one kind");
      assertEquals(
        by.exec(singleton)?.[1],
        "it finds no other ranks, of 2: it and what started them must be of one installation",
      );
    }
    assertEquals(denied!.code, 1);
    assert(denied!.stderr.includes('Requires ffi access to "libnothing.so.1"'), denied!.stderr);
  });
});

Deno.test("a time in which no rank can answer is refused", () => {
  for (const timeout of [0, -1, NaN]) {
    assertThrows(() => openMpi({ timeout }), RangeError, `for ${timeout} ms`);
  }
});

Deno.test("what has started a rank is known by its environment", () => {
  const read = (variables: Record<string, string>) =>
    readLaunch((name) => {
      assert(ENVIRONMENT.includes(name), name);
      return variables[name];
    });
  assertEquals(read({}), undefined);
  // mpirun, of either kind; srun --mpi=pmix, and --mpi=pmi2.
  const openMpi = { OMPI_COMM_WORLD_SIZE: "4", PMIX_RANK: "0" };
  assertEquals(read(openMpi), { kind: "Open MPI", size: 4 });
  assertEquals(read({ PMI_SIZE: "3", MPI_LOCALRANKID: "0" }), { kind: "MPICH", size: 3 });
  assertEquals(read({ PMIX_RANK: "1", SLURM_STEP_NUM_TASKS: "8" }), { kind: undefined, size: 8 });
  assertEquals(read({ PMIX_RANK: "1" }), { kind: undefined, size: undefined });
  assertEquals(read({ PMI_SIZE: "3", SLURM_STEP_NUM_TASKS: "3" }), { kind: undefined, size: 3 });
});
