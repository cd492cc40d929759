import { readTaskArgs, root } from "../_task.ts";

/** The steps between two saves of the run. */
export const INTERVAL = 5;

/** A small training with everything that a run has: two epochs, an evaluation after each, a best, and saves within. */
const SETTINGS = [
  ...["--test-images", "60", "--epochs", "2", "--model", "lenet"],
  ...["--backend", "wasm", "--save-every", String(INTERVAL), "--log-every", "1", "--quiet"],
];

/** How it usually learns. */
const RECIPE = [
  ...["--images", "500", "--batch-size", "16", "--optimizer", "adam", "--learning-rate", "0.002"],
];

/** Gives the command line of the run, from its beginning or from what is in its folder. */
export const beginArgs = (dir: string, threads: number, recipe = RECIPE): string[] => [
  ...SETTINGS,
  ...recipe,
  ...["--threads", String(threads), "--out", dir, "--yes"],
];

/** A run as a process. */
export interface RunningProcess {
  /** Kills it at once, or of several processes one; says where it stays alive. */
  kill(): Promise<string | undefined>;
  /** Resolves at its end, with what it said. */
  readonly ended: Promise<{ readonly code: number; readonly stderr: string }>;
}

/** A run as one process. */
export interface StartedRun extends RunningProcess {
  readonly child: Deno.ChildProcess;
}

/** Starts `deno task train` without the task around it, so that a signal reaches the run itself. */
export async function startRun(args: readonly string[]): Promise<StartedRun> {
  const child = new Deno.Command(Deno.execPath(), {
    args: [...await readTaskArgs("train"), ...args],
    cwd: root,
    env: { NO_COLOR: "1", XDG_RUNTIME_DIR: "/tmp" },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const stderr = new Response(child.stderr).text();
  return {
    child,
    kill() {
      child.kill("SIGKILL");
      return Promise.resolve(undefined);
    },
    ended: child.status.then(async ({ code }) => ({ code, stderr: await stderr })),
  };
}

/** Chooses how the run goes on: from what was saved, else from its beginning. */
export async function nextArgs(dir: string, threads: number): Promise<string[]> {
  const begun = await Deno.stat(`${dir}/config.json`).then(() => true, () => false);
  return begun ? ["--resume", dir, "--quiet"] : beginArgs(dir, threads);
}

/** Reads all files of a folder. */
export async function readFolder(dir: string): Promise<Map<string, Uint8Array>> {
  const names = (await Array.fromAsync(Deno.readDir(dir), ({ name }) => name)).sort();
  return new Map(
    await Promise.all(
      names.map(async (name) => [name, await Deno.readFile(`${dir}/${name}`)] as const),
    ),
  );
}

/** The file of a run's log. */
const LOG = "log.jsonl";

/** Says how the folders of two runs differ, times and the lines that tell of processes aside. */
export function compareFolders(
  expected: ReadonlyMap<string, Uint8Array>,
  found: ReadonlyMap<string, Uint8Array>,
): string[] {
  const names = [...new Set([...expected.keys(), ...found.keys()])].sort();
  return names.flatMap((name) => {
    const [one, other] = [expected.get(name), found.get(name)];
    if (!one || !other) return [`${name} is ${one ? "missing" : "too much"}`];
    if (name !== LOG) return isSame(one, other) ? [] : [`${name} has other bytes`];
    const [lines, others] = [readLog(one), readLog(other)];
    const at = lines.findIndex((line, i) => line !== others[i]);
    if (at < 0 && lines.length === others.length) return [];
    return [
      `${name} has ${others[at] ?? `${others.length} lines`}, not ${lines[at] ?? lines.length}`,
    ];
  });
}

const isSame = (one: Uint8Array, other: Uint8Array): boolean =>
  one.length === other.length && one.every((byte, i) => byte === other[i]);

/** Reads the lines of a log without times, those of ranks too, and without those of processes. */
const readLog = (bytes: Uint8Array): string[] =>
  new TextDecoder().decode(bytes).trimEnd().split("\n")
    .map(readEvent)
    .filter(({ event }) => event !== "run")
    .map(({ seconds: _, busy: _busy, ...event }) => JSON.stringify(event));

function readEvent(line: string): Record<string, unknown> {
  try {
    return JSON.parse(line);
  } catch {
    // It was damaged.
    return { line };
  }
}

/** Gets the last step that a log tells of, whatever is behind it. */
export async function readLastStep(dir: string): Promise<number> {
  const text = await Deno.readTextFile(`${dir}/${LOG}`).catch(() => "");
  const steps = [...text.matchAll(/"event":"step","step":(\d+),/g)];
  return Number(steps.at(-1)?.[1] ?? 0);
}

/** Gets the step that was saved last, and the last that was begun to be. */
export async function readSavedStep(dir: string): Promise<number> {
  const text = await Deno.readTextFile(`${dir}/last.json`).catch(() => "");
  return Math.max(0, ...[...text.matchAll(/"step":(\d+)/g)].map(([, step]) => Number(step)));
}
