// Fills the disk of small runs at random moments, and lets them go on once there is room again: they must end as one that nobody
// disturbed. By hand, as root on Linux: deno run -A tests/tasks/_kill/full_disk.ts --fills 50
import { parseArgs } from "@std/cli";
import { createRandom } from "./random.ts";
import {
  beginArgs,
  compareFolders,
  INTERVAL,
  nextArgs,
  readFolder,
  readLastStep,
  readSavedStep,
  startRun,
} from "./small_run.ts";

/** How disks are filled. */
export interface FillOptions {
  readonly fills: number;
  readonly threads: number;
  readonly seed: number;
  /** The folder in which runs are made that nobody disturbs. */
  readonly dir: string;
  /** A folder on a small file system of its own. */
  readonly disk: string;
  readonly print: (line: string) => void;
}

/** What became of the runs. */
export interface FillReport {
  readonly fills: number;
  readonly runs: number;
  readonly problems: readonly string[];
}

/** Fills disks. */
export async function fillDisks(options: FillOptions): Promise<FillReport> {
  const { dir, disk, threads, print } = options;
  const random = createRandom(options.seed);
  const whole = await (await startRun(beginArgs(`${dir}/whole`, threads))).ended;
  if (whole.code !== 0) throw new Error(`The run that nobody disturbs failed: ${whole.stderr}`);
  const expected = await readFolder(`${dir}/whole`);
  const problems: string[] = [];
  let [fills, runs] = [0, 0];
  while (fills < options.fills && problems.length === 0) {
    const run = `${disk}/run ${++runs}`;
    for (let fill = 0;; fill++) {
      const { ended } = await startRun(await nextArgs(run, threads));
      const isLast = fill === 4 || fills === options.fills;
      // When so many more steps are made.
      const step = await readLastStep(run) + Math.floor(random() * 30);
      let hasEnded = false;
      ended.then(() => hasEnded = true);
      while (!isLast && !hasEnded && await readLastStep(run) < step) await sleep(1);
      if (!isLast && !hasEnded) await fillDisk(`${disk}/filler`, Math.floor(random() * 600_000));
      const { code, stderr } = await ended;
      await Deno.remove(`${disk}/filler`).catch(() => {});
      if (code === 0) break;
      fills++;
      const [made, saved] = [await readLastStep(run), await readSavedStep(run)];
      const found = judge(stderr, await listNames(run), saved);
      if (made - saved > 2 * INTERVAL) found.push(`${made - saved} steps were lost`);
      problems.push(...found.map((problem) => `run ${runs}, after step ${made}: ${problem}`));
      print(`fill ${fills}, of run ${runs}: after step ${made}, saved ${saved}: ${stderr.trim()}`);
      if (problems.length > 0) return { fills, runs, problems };
    }
    const differences = compareFolders(expected, await readFolder(run));
    problems.push(...differences.map((problem) => `run ${runs}: ${problem}`));
    if (problems.length === 0) await Deno.remove(run, { recursive: true });
  }
  return { fills, runs, problems };
}

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

const listNames = (dir: string): Promise<string[]> =>
  Array.fromAsync(Deno.readDir(dir), ({ name }) => name).catch(() => []);

/** Writes zeros until there is no more room, but for some bytes. */
async function fillDisk(path: string, room: number): Promise<void> {
  using file = await Deno.open(path, { write: true, create: true });
  let size = 0;
  try {
    const zeros = new Uint8Array(16_384);
    while (true) size += await file.write(zeros);
  } catch {
    await file.truncate(Math.max(0, size - room));
  }
}

/** Says what is wrong with how a run has met a full disk. */
function judge(stderr: string, names: readonly string[], saved: number): string[] {
  const errors = stderr.split("\n").filter((line) => line.startsWith("error:"));
  const [error = ""] = errors;
  return [
    ...errors.length === 1 ? [] : [`there is not one error, but ${JSON.stringify(stderr)}`],
    ...error.includes("No space left on device") || error.includes("MB free")
      ? []
      : [`the reason isn't told: ${error}`],
    ...saved === 0 || error.includes("go on with: ") || error.includes("MB free")
      ? []
      : [`it isn't told how to go on: ${error}`],
    ...names.filter((name) => name.endsWith(".tmp")).map((name) => `${name} is left`),
  ];
}

if (import.meta.main) {
  const args = parseArgs(Deno.args, { string: ["fills", "threads", "seed", "size"] });
  const read = (key: string, usual: number) => Number(args[key] ?? usual);
  const dir = await Deno.makeTempDir({ prefix: "rill-fill-" });
  const disk = `${dir}/disk`;
  await Deno.mkdir(disk);
  const system = async (command: string, ...args: string[]) => {
    const { success } = await new Deno.Command(command, { args, stderr: "inherit" }).output();
    if (!success) throw new Error(`Cannot go on as ${command} failed: it takes root, on Linux`);
  };
  await system("mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", disk);
  let report: FillReport;
  try {
    report = await fillDisks({
      fills: read("fills", 50),
      threads: read("threads", 1),
      seed: read("seed", 0),
      dir,
      disk,
      print: console.log,
    });
  } finally {
    await system("umount", disk);
  }
  console.log(JSON.stringify(report, null, 2));
  await Deno.remove(dir, { recursive: true });
  Deno.exit(report.problems.length > 0 ? 1 : 0);
}
