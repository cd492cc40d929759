import { assert, assertEquals, assertRejects } from "@std/assert";
import { getOrThrow } from "../../../models/mod.ts";
import { UsageError } from "../../../tasks/_cli/errors.ts";
import { type CodeFile, hashCodeFile } from "../../../tasks/_model/model_file.ts";
import { chooseThreads } from "../../../tasks/_model/choose_threads.ts";
import { describeFinished } from "../../../tasks/_train/describe_run.ts";
import { listCachers } from "../../../tasks/_train/rank_job.ts";
import { describeBinding } from "../../../tasks/_train/run_request.ts";
import {
  checkCode,
  describeDelay,
  explainLone,
  findMisfit,
  type LedRanks,
  nameLauncher,
  type Program,
} from "../../../tasks/_train/ranks.ts";
import { countRoundings } from "../../../models/kernels/wasm/_rounding.ts";
import { runProcess } from "../../_package/process.ts";
import { testUnless } from "../../_test_unless.ts";
import { root, withFolder } from "../_task.ts";
import { chapter } from "../../../tasks/_train/settings/train_settings.ts";

Deno.test("the commands of a run of several ranks begin with the program that has started them", () => {
  const ranks = { communicator: { size: 4 }, launcher: "mpirun" } as LedRanks;
  assertEquals(
    describeFinished({ ...chapter, epochs: 1 }, { epoch: 1, step: 1, index: 0 }, {
      resume: "a",
      ranks,
    }),
    "finished: nothing is left of the run's 1 epoch (1 step); " +
      "go on with: mpirun -n 4 deno task train --distributed --resume a --epochs 2",
  );
  const name = (variables: Readonly<Record<string, string>>) =>
    nameLauncher((name) => variables[name]);
  const [openMpi, mpich] = [{ OMPI_COMM_WORLD_SIZE: "4" }, { PMI_SIZE: "4", MPI_LOCALRANKID: "0" }];
  const slurm = { PMIX_RANK: "1", SLURM_STEP_NUM_TASKS: "4" };
  // As it was typed in a shell that tells; in others the last program may be another.
  for (const typed of ["mpirun", "mpirun.mpich", "mpiexec", "mpiexec.hydra", "srun", "prterun"]) {
    assertEquals(name({ ...mpich, _: `/opt/mpi/bin/${typed}` }), typed);
  }
  for (const _ of ["", "/usr/bin/sh", "/usr/bin/timeout", "/usr/bin/mpirun --version; sh"]) {
    assertEquals([openMpi, mpich, slurm].map((launch) => name({ ...launch, _ })), [
      "mpirun",
      "mpiexec.hydra",
      "srun",
    ]);
  }
});

Deno.test("ranks that are bound to few cores are told how not to be, where they had more threads then", () => {
  const describe = (size: number, processors: number, usable: number, batchSize = 128) => {
    const hosts = Array.from({ length: size }, () => "north");
    const communicator = { size, rank: 0 };
    const started = { launcher: "mpirun", binds: true };
    const ranks = { communicator, hosts, processors, ...started } as unknown as LedRanks;
    const cores = Math.floor(usable / size);
    const threads = getOrThrow(chooseThreads(undefined, { name: "wasm" }, batchSize / size, cores));
    const line = describeBinding(ranks, threads, batchSize, usable);
    assertEquals(
      describeBinding({ ...ranks, binds: false }, threads, batchSize, usable),
      undefined,
    );
    return line;
  };
  assertEquals(
    describe(2, 64, 1),
    "threads: rank 0 may use 1 of the 64 cores of north; " +
      "where mpirun has bound it to them, --bind-to none leaves it all",
  );
  // A rank for each core, all cores, and batches for no more threads.
  assertEquals([describe(2, 2, 1), describe(2, 64, 64), describe(4, 64, 32, 32)], [
    undefined,
    undefined,
    undefined,
  ]);
});

Deno.test("ranks that are late are named with their hosts", () => {
  const hosts = ["north", "north", "south", "south", "west", "west"];
  assertEquals(describeDelay([3], hosts, 30_000), "waiting: for rank 3 on south, for 30 s by now");
  assertEquals(
    describeDelay([1, 2, 3, 4, 5], hosts, 500),
    "waiting: for rank 1 on north, rank 2 on south, rank 3 on south, rank 4 on west and 1 more, for 0.5 s by now",
  );
});

Deno.test("each host's first rank keeps images on its disk, and each rank in its memory", () => {
  const hosts = ["north", "north", "south", "south", "west", "north"];
  assertEquals(listCachers(hosts, "runs/cache"), [2, 4]);
  assertEquals(listCachers(hosts, "memory"), [1, 2, 3, 4, 5]);
  assertEquals(listCachers(hosts, undefined), []);
  assertEquals(listCachers(["north", "north"], "runs/cache"), []);
});

Deno.test("a host's files of code must be those of the first rank's", () =>
  withFolder(async (dir) => {
    const path = `${dir}/net.ts`;
    await Deno.writeTextFile(path, "export default () => {};");
    const file = await hashCodeFile(path, "--model");
    const check = (model: object, pipeline?: CodeFile) =>
      checkCode({ model, pipeline } as Parameters<typeof checkCode>[0], "south");
    await check({ name: "lenet" });
    await check({ name: path, hash: file.hash }, file);
    await Deno.writeTextFile(path, "export default () => 1;");
    const message = `Cannot train by ${path} of south as it isn't that of rank 0`;
    await assertRejects(() => check({ name: path, hash: file.hash }), Error, message);
    await assertRejects(() => check({ name: "lenet" }, file), Error, message);
    await Deno.remove(path);
    await assertRejects(
      () => check({ name: "lenet" }, file),
      UsageError,
      `Cannot use --pipeline ${path} as there is no such file`,
    );
  }));

Deno.test("a process that is one of several is told how they share a run", () => {
  const explain = (variables: Readonly<Record<string, string>>) =>
    explainLone((name) => variables[name]);
  assertEquals(
    explain({ PMI_SIZE: "3", MPI_LOCALRANKID: "0", _: "/usr/bin/mpirun.mpich" }),
    "Cannot train in each of the 3 processes that mpirun.mpich has started: add --distributed, with which they share one run",
  );
  assertEquals(explain({}), undefined);
  assertEquals(explain({ OMPI_COMM_WORLD_SIZE: "1" }), undefined);
});

testUnless(
  Deno.build.arch !== "x86_64" && "no processor whose multiply-add V8 leaves alone by a flag",
  "a processor without fused multiply-add is known",
  async () => {
    const module = new URL("../../../models/kernels/wasm/_rounding.ts", import.meta.url);
    const program = `console.log((await import("${module}")).countRoundings())`;
    const args = ["eval", "--no-check", "--v8-flags=--no-enable-fma3", program];
    const { stdout } = await runProcess(Deno.execPath(), args, root);
    assertEquals(stdout.trim(), "2");
    assert([1, 2].includes(countRoundings() ?? 0));
  },
);

Deno.test("ranks of another program than the first one's are named, with both", () => {
  const first: Program = {
    rill: "1.2.0",
    deno: "2.9.6",
    processor: "x86_64 with fused multiply-add",
    args: ["--epochs", "2"],
  };
  const compare = (other: Partial<Program>) =>
    findMisfit([first, first, { ...first, ...other }], ["north", "north", "south"]);
  const begin = "Cannot train with rank 2, on south, and rank 0, on north, as they have ";
  assertEquals(compare({}), undefined);
  assertEquals(compare({ rill: "1.3.0" }), `${begin}Rill 1.3.0 and 1.2.0`);
  assertEquals(compare({ deno: "2.9.7" }), `${begin}Deno 2.9.7 and 2.9.6`);
  assertEquals(
    compare({ processor: "x86_64 without fused multiply-add" }),
    `${begin}processors of the kinds x86_64 without fused multiply-add and x86_64 with fused multiply-add`,
  );
  assertEquals(compare({ args: [] }), `${begin}the flags none and --epochs 2`);
  const flags = (others: readonly string[], own: readonly string[]) =>
    findMisfit([{ ...first, args: own }, { ...first, args: others }], ["north", "south"])
      ?.split(" the flags ")[1];
  const args = ["--data", "idx:a", "--threads", "1", "--quiet"];
  assertEquals(flags([...args], args), undefined);
  assertEquals(flags([...args, "--seed", "1"], args), "… --seed 1 and …");
  assertEquals(flags(["--yes", ...args], args), "--yes … and …");
  assertEquals(
    flags(args.with(3, "2"), args.with(1, "idx:b")),
    "--data idx:a --threads 2 … and --data idx:b --threads 1 …",
  );
  assertEquals(flags(args.with(3, "2"), args), "… --threads 2 … and … --threads 1 …");
  assertEquals(flags(["--quiet", "--quiet"], ["--quiet"]), "… --quiet and …");
});
