import * as TE from "fp-ts/lib/TaskEither.js";
import { LIBRARIES } from "../mpi/_kinds.ts";
import { UsageError } from "./errors.ts";
import { runTask } from "./run_task.ts";

/** The environment of which a task reads where caches and runs are. */
const ENV = "HOME,XDG_CACHE_HOME,LOCALAPPDATA,XDG_RUNTIME_DIR";

/** What fetches Fashion-MNIST, where it isn't there. */
const FETCH = [
  "--allow-net=fashion-mnist.s3-website.eu-central-1.amazonaws.com,raw.githubusercontent.com",
  "--allow-run=/usr/bin/apt-get,/usr/bin/dpkg-deb",
];

/** The environment of tasks that read images. */
const DATA_ENV = `${ENV},RILL_DATA_DIR,INIT_CWD,APT_CONFIG,http_proxy,https_proxy,no_proxy`;

/** What tasks need that read images: files, and what fetches Fashion-MNIST. */
const FILES = ["--allow-read", "--allow-write", ...FETCH];
const DATA = [...FILES, `--allow-env=${DATA_ENV}`];

/** The environment that says to a process which mpirun has started how it has. */
const MPI_ENV =
  "OMPI_COMM_WORLD_SIZE,OMPI_COMM_WORLD_LOCAL_RANK,PMI_SIZE,PMIX_RANK,MPI_LOCALRANKID,SLURM_LOCALID,SLURM_STEP_NUM_TASKS,_";

/** The least permissions of each task, as flags of `deno run`. */
export const permissions: Readonly<Record<string, readonly string[]>> = {
  // A kind of permission stands once: Deno before 2.9.6 refuses a second flag of it.
  train: [
    ...FILES,
    `--allow-env=${DATA_ENV},${MPI_ENV}`,
    "--allow-sys=statfs,systemMemoryInfo,setPriority",
    // MPI's library, where distributions have it.
    `--allow-ffi=${Object.values(LIBRARIES).flatMap(({ paths }) => paths)}`,
  ],
  evaluate: DATA,
  predict: DATA,
  serve: ["--allow-read", `--allow-env=${ENV},INIT_CWD`, "--allow-net=127.0.0.1"],
  report: DATA,
  data: DATA,
  pipeline: DATA,
  summary: ["--allow-read", "--allow-write", "--allow-env=INIT_CWD"],
  export: ["--allow-read", "--allow-write", "--allow-env=INIT_CWD"],
  devices: ["--allow-read", "--allow-env=XDG_RUNTIME_DIR"],
  tune: ["--allow-read", "--allow-write", `--allow-env=${ENV},INIT_CWD`],
};

/** Prints the least permissions of the task that the command line names. */
export const printPermissions = (args: readonly string[]): Promise<void> =>
  runTask({
    name: "permissions",
    about: "Prints the least permissions of a task as flags of deno run, to be put in the place " +
      `of -A. The tasks: ${Object.keys(permissions).join(", ")}. ` +
      "--allow-ffi is for train --distributed alone; --allow-net and --allow-run of tasks with data are for fetching Fashion-MNIST alone; train --dashboard needs 127.0.0.1 besides; data, weights and model " +
      "files from other addresses need those hosts in --allow-net, and --allow-import for code.",
    operands: "TASK",
    flags: {},
  }, (_, [task = "", ...more]) => {
    const found = Object.hasOwn(permissions, task) ? permissions[task] : undefined;
    if (found && more.length === 0) return TE.fromIO(() => console.log(found.join(" ")));
    const what = task === ""
      ? "the name of a task is missing"
      : found
      ? `"${more[0]}" is one task too many`
      : `there is no task "${task}"`;
    return TE.left(
      new UsageError(
        `Cannot print permissions: ${what}; it is one of ${Object.keys(permissions).join(", ")}`,
      ),
    );
  }, args);
