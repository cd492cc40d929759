// That each task does its work with the permissions it names, and that it names none in vain. What a task uses is what Deno notes
// down of it; it notes a file that is read and one that is written alike, so that these two are taken away to see the task fail.

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { permissions } from "../../tasks/_cli/permissions.ts";
import { withServedTask } from "./serve/_served_task.ts";
import { writeData } from "./_idx_data.ts";
import { readTaskArgs, root, runTask, withFolder } from "./_task.ts";

/** What is used of a permission, by its kind: the names of variables, programs and the like. */
type Used = ReadonlyMap<string, ReadonlySet<string>>;

/** Runs a task, and gives what it used; fails if the task does. */
async function runAudited(
  args: readonly string[],
  dir: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Used> {
  const audit = `${dir}/audit.jsonl`;
  const audited = { DENO_AUDIT_PERMISSIONS: audit, DENO_WEBGPU_BACKEND: "none", ...env };
  if (args[0] === "serve") await runServed(args, audited);
  else {
    const { code, stderr } = await runTask(args, { env: audited });
    // Where there is no adapter nothing can be tuned; that is found out with the permissions, too.
    if (args[0] !== "tune") assertEquals(code, 0, `${args[0]}: ${stderr}`);
  }
  const used = new Map<string, Set<string>>();
  for (const line of (await Deno.readTextFile(audit)).split("\n")) {
    if (line === "") continue;
    const { permission, value } = JSON.parse(line);
    // Which port it is doesn't matter.
    const name = permission === "net" ? value.replace(/:\d+$/, "") : value;
    used.set(permission, (used.get(permission) ?? new Set()).add(name));
  }
  await Deno.remove(audit);
  return used;
}

/** Runs a task that serves until it is asked to stop. */
const runServed = (args: readonly string[], env: Readonly<Record<string, string>>) =>
  withServedTask(args, env, async ({ process, notes }) => {
    process.kill("SIGTERM");
    assertEquals((await process.status).code, 0, notes());
  });

/** What fetches Fashion-MNIST where it isn't there, which a test without a network can't do, and what Windows has. */
const ELSEWHERE: readonly string[] = [
  ...["net", "run=/usr/bin/apt-get", "run=/usr/bin/dpkg-deb"],
  ...["env=APT_CONFIG", "env=http_proxy", "env=https_proxy", "env=no_proxy", "env=LOCALAPPDATA"],
];

/** What a run of several processes needs, which tests/tasks/distributed_test.ts starts. */
const isOfMpi = (grant: string): boolean => /^ffi=|^env=(?:OMPI_|PMI|MPI_|SLURM_|_$)/.test(grant);

/** Lists permissions one by one: `--allow-env=A,B` as `env=A` and `env=B`. */
const listGrants = (flags: readonly string[]): string[] =>
  flags.filter((flag) => flag.startsWith("--allow-")).flatMap((flag) => {
    const [kind = "", names] = flag.slice("--allow-".length).split("=");
    return names === undefined ? [kind] : names.split(",").map((name) => `${kind}=${name}`);
  });

Deno.test("each task works with its permissions, and uses each of them", async () => {
  await withFolder(async (dir) => {
    const data = ["--data", await writeData(`${dir}/data`)];
    const run = `${dir}/run`;
    const wasm = ["--backend", "wasm", "--quiet"];
    const train = [...["train", "--preset", "lenet"], ...data, ...wasm, "--threads", "1"];
    const home = { HOME: dir, XDG_CACHE_HOME: "" };
    const commands: Readonly<Record<string, readonly (readonly string[])[]>> = {
      train: [[...train, "--epochs", "1", "--batch-size", "5", "--out", run]],
      evaluate: [["evaluate", "--checkpoint", run, ...data, ...wasm]],
      predict: [["predict", "--checkpoint", run, ...data, ...wasm]],
      serve: [["serve", "--checkpoint", run, "--port", "0", ...wasm]],
      report: [["report", run, ...data, ...wasm]],
      data: [["data", ...data]],
      pipeline: [["pipeline", ...data]],
      summary: [["summary", "--graph", `${dir}/network.svg`]],
      export: [["export", "--checkpoint", run, "--onnx", `${dir}/lenet.onnx`]],
      devices: [["devices"]],
      tune: [["tune"]],
    };
    assertEquals(Object.keys(commands), Object.keys(permissions));
    /** What tasks use that name the same list: it stands once for all of them. */
    const shared = new Set<string>();
    for (const [task, lines] of Object.entries(commands)) {
      const own = new Set<string>();
      for (const line of lines) {
        for (const [kind, values] of await runAudited(line, dir, home)) {
          own.add(kind);
          for (const value of values) own.add(`${kind}=${value}`);
        }
      }
      const isShared = (await readTaskArgs(task)).includes("--allow-net");
      if (isShared) {
        for (const one of own) shared.add(one);
        continue;
      }
      const unused = listGrants(await readTaskArgs(task)).filter((grant) => !own.has(grant));
      assertEquals(unused.filter((grant) => !ELSEWHERE.includes(grant)), [], task);
    }
    for (const [kind, values] of await runDataByEnv(dir)) {
      for (const value of values) shared.add(`${kind}=${value}`);
    }
    const unused = listGrants(await readTaskArgs("train")).filter((grant) =>
      !shared.has(grant) && !isOfMpi(grant)
    );
    assertEquals(unused.toSorted(), ELSEWHERE.toSorted());
  });
});

/** Asks for the data set that `RILL_DATA_DIR` names, which is not there. */
async function runDataByEnv(dir: string): Promise<Used> {
  const audit = `${dir}/by-env.jsonl`;
  const { code } = await runTask(["data"], {
    env: { DENO_AUDIT_PERMISSIONS: audit, RILL_DATA_DIR: `${dir}/nothing` },
  });
  assert(code !== 0);
  const lines = (await Deno.readTextFile(audit)).split("\n").filter((line) => line !== "");
  const used = new Map<string, Set<string>>();
  for (const { permission, value } of lines.map((line) => JSON.parse(line))) {
    used.set(permission, (used.get(permission) ?? new Set()).add(value));
  }
  return used;
}

Deno.test("what a task may not do elsewhere is named by what fetches data, and by Windows", async () => {
  const folder = `${root}tasks/_data/fetch/`;
  let text = "";
  for await (const { name } of Deno.readDir(folder)) text += await Deno.readTextFile(folder + name);
  for (const grant of ELSEWHERE) {
    if (grant === "net") assertStringIncludes(text, "fetch(");
    else assertStringIncludes(text, grant.split("=")[1]!.replace("/usr/bin/", ""));
  }
});

Deno.test("a task fails in one line where it may not read or not write", async () => {
  await withFolder(async (dir) => {
    const data = ["--data", await writeData(`${dir}/data`)];
    const train = ["--preset", "lenet", ...data, "--steps", "1", "--out", `${dir}/run`];
    const cases: [task: string, without: string, args: string[]][] = [
      ["train", "--allow-write", train],
      ["train", "--allow-read", train],
      ["data", "--allow-read", data],
    ];
    for (const [task, without, args] of cases) {
      const flags = (await readTaskArgs(task)).filter((flag) => flag !== without);
      const { code, stderr } = await new Deno.Command(Deno.execPath(), {
        args: [...flags.toSpliced(1, 0, "--no-prompt"), ...args],
        cwd: root,
        env: { NO_COLOR: "1", DENO_WEBGPU_BACKEND: "none" },
        stdin: "null",
        stdout: "null",
        stderr: "piped",
      }).output();
      const errors = new TextDecoder().decode(stderr).split("\n").filter((line) =>
        line.startsWith("error:")
      );
      assertEquals([code === 0, errors.length], [false, 1], `${task} without ${without}`);
    }
  });
});
