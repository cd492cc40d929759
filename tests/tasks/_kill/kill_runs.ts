// Kills small runs at random moments and lets them go on, again and again, until they are done: they must end as one that nobody
// disturbed. By hand: deno run -A tests/tasks/_kill/kill_runs.ts --kills 200 --threads 2; with --ranks 2 processes of Open MPI make
// each run, of which one is killed, and each goes on with other numbers of ranks.
import { parseArgs } from "@std/cli";
import { kill, startRanks } from "../distributed/_train_ranks.ts";
import { isRunning } from "../mpi/_mpirun.ts";
import { createRandom } from "./random.ts";
import {
  beginArgs,
  compareFolders,
  INTERVAL,
  nextArgs,
  readFolder,
  readLastStep,
  readSavedStep,
  type RunningProcess,
  startRun,
} from "./small_run.ts";

/** How runs are killed. */
export interface KillOptions {
  /** How many kills there are in all. */
  readonly kills: number;
  readonly threads: number;
  /** How many processes make each run at the most; one by default. */
  readonly ranks?: number;
  /** Decides the moments, as far as clocks let it. */
  readonly seed: number;
  /** The folder in which runs are made. */
  readonly dir: string;
  readonly print: (line: string) => void;
}

/** What became of the runs. */
export interface KillReport {
  readonly kills: number;
  readonly runs: number;
  /** How many kills came while a checkpoint was written. */
  readonly whileSaving: number;
  /** The most steps that were lost by a kill. */
  readonly mostLost: number;
  readonly problems: readonly string[];
}

/** The most kills of a run. */
const KILLS_OF_RUN = 8;

/** Kills runs. */
export async function killRuns(options: KillOptions): Promise<KillReport> {
  const { dir, threads, print, ranks = 1 } = options;
  const random = createRandom(options.seed);
  const start = (args: readonly string[]): Promise<RunningProcess> =>
    ranks === 1 ? startRun(args) : startKillableRanks(args, `${dir}/processes`, ranks, random);
  const begin = performance.now();
  const whole = await (await startRun(beginArgs(`${dir}/whole`, threads))).ended;
  if (whole.code !== 0) throw new Error(`The run that nobody disturbs failed: ${whole.stderr}`);
  const duration = performance.now() - begin;
  const expected = await readFolder(`${dir}/whole`);
  let [kills, runs, whileSaving, mostLost] = [0, 0, 0, 0];
  const problems: string[] = [];
  while (kills < options.kills && problems.length === 0) {
    const run = `${dir}/run ${++runs}`;
    const broken: string[] = [];
    const wanted = Math.min(KILLS_OF_RUN, options.kills - kills);
    for (let kill = 0;; kill++) {
      const process = await start(await nextArgs(run, threads));
      const isLast = kill >= wanted;
      const moment = isLast ? "none" : await killAt(process, run, {
        random,
        duration,
        problem: (what) => void broken.push(`run ${runs} at kill ${kill + 1}: ${what}`),
      });
      const { code, stderr } = await process.ended;
      if (moment === "none") {
        if (code !== 0) problems.push(`run ${runs} ended with ${code}: ${stderr}`);
        break;
      }
      kills++;
      const names = await Array.fromAsync(Deno.readDir(run), ({ name }) => name).catch(() => []);
      if (names.some((name) => name.endsWith(".tmp"))) whileSaving++;
      const [made, saved] = [await readLastStep(run), await readSavedStep(run)];
      mostLost = Math.max(mostLost, made - saved);
      // One checkpoint is being written while the steps to the next one are made.
      if (made - saved > 2 * INTERVAL) {
        problems.push(`run ${runs} lost ${made - saved} steps at kill ${kill + 1}`);
      }
      print(`kill ${kills}, of run ${runs}, ${moment}: after step ${made}, saved ${saved}`);
    }
    problems.push(...broken);
    if (problems.length > 0) break;
    problems.push(
      ...compareFolders(expected, await readFolder(run)).map((p) => `run ${runs}: ${p}`),
    );
    if (problems.length === 0) await Deno.remove(run, { recursive: true });
  }
  return { kills, runs, whileSaving, mostLost, problems };
}

/** Kills a run at a moment that is drawn. Gives it in words, or `none` if the run ended before. */
async function killAt(
  { ended, kill: killProcess }: RunningProcess,
  dir: string,
  { random, duration, problem }: {
    readonly random: () => number;
    readonly duration: number;
    readonly problem: (what: string) => void;
  },
): Promise<string> {
  const begin = performance.now();
  const elapsed = () => (performance.now() - begin).toFixed(0);
  const kill = async (what: string) => {
    const moment = `${what}, after ${elapsed()} ms`;
    const left = await killProcess();
    if (left !== undefined) problem(left);
    return moment;
  };
  if (random() < 0.3) {
    const wait = random() * duration;
    const isOver = await Promise.race([ended.then(() => true), sleep(wait).then(() => false)]);
    return isOver ? "none" : await kill("at any time");
  }
  // When the n-th change of a kind is seen in the folder, and a little later.
  const which = random() < 0.7 ? ".tmp" : "last.json";
  const count = 1 + Math.floor(random() * 14);
  const wait = random() * 4;
  let hasEnded = false;
  ended.then(() => hasEnded = true);
  let seen = 0;
  let before = "";
  while (!hasEnded) {
    const now = await describe(dir, which);
    if (now !== "" && now !== before && ++seen >= count) {
      await sleep(wait);
      return hasEnded ? "none" : await kill(`at change ${count} of ${which}`);
    }
    before = now;
    await sleep(0);
  }
  return "none";
}

/** How long the other ranks may take to end, in milliseconds. */
const ENDING = 10_000;

/** Starts 2 to so many ranks of a run, one of which can be killed. */
async function startKillableRanks(
  args: readonly string[],
  note: string,
  most: number,
  random: () => number,
): Promise<RunningProcess> {
  await Deno.remove(note).catch(() => {});
  const ranks = 2 + Math.floor(random() * (most - 1));
  const started = await startRanks([{ ranks, args }], note);
  return {
    ended: started.ended,
    async kill() {
      const processes = await started.processes();
      await kill(processes[Math.floor(random() * processes.length)]!);
      const begin = performance.now();
      while (processes.some(isRunning)) {
        if (performance.now() - begin > ENDING) return "a rank still runs after 10 s";
        await sleep(20);
      }
    },
  };
}

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** Describes the files of such a name by what changes with each write. */
async function describe(dir: string, ending: string): Promise<string> {
  try {
    let found = "";
    for await (const { name } of Deno.readDir(dir)) {
      if (!name.endsWith(ending)) continue;
      const stat = await Deno.stat(`${dir}/${name}`).catch(() => undefined);
      if (stat) found += `${name} ${stat.ino} ${ending === ".tmp" ? "" : stat.mtime?.getTime()};`;
    }
    return found;
  } catch {
    return "";
  }
}

if (import.meta.main) {
  const args = parseArgs(Deno.args, { string: ["kills", "threads", "ranks", "seed", "dir"] });
  const read = (key: string, usual: number) => Number(args[key] ?? usual);
  const dir = args["dir"] === undefined ? undefined : String(args["dir"]);
  const folder = dir ?? await Deno.makeTempDir({ prefix: "rill-kill-" });
  const report = await killRuns({
    kills: read("kills", 200),
    threads: read("threads", 1),
    ranks: read("ranks", 1),
    seed: read("seed", 0),
    dir: folder,
    print: console.log,
  });
  console.log(JSON.stringify(report, null, 2));
  if (report.problems.length > 0) console.log(`the folders are left in ${folder}`);
  else if (dir === undefined) await Deno.remove(folder, { recursive: true });
  Deno.exit(report.problems.length > 0 ? 1 : 0);
}
