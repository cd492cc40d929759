// Turns bits in the files of small runs that are not done, and lets them go on: they must end as one that nobody disturbed, and name
// what was damaged. By hand: deno run -A tests/tasks/_kill/flip_bits.ts --flips 20
import { parseArgs } from "@std/cli";
import { createRandom } from "./random.ts";
import { beginArgs, compareFolders, readFolder, startRun } from "./small_run.ts";

/** How bits are turned. */
export interface FlipOptions {
  /** How many bits are turned in each file, one at a time. */
  readonly flips: number;
  readonly threads: number;
  readonly seed: number;
  /** The folder in which runs are made. */
  readonly dir: string;
  readonly print: (line: string) => void;
}

/** What became of the runs. */
export interface FlipReport {
  readonly flips: number;
  readonly problems: readonly string[];
}

/** The step at which a run is stopped before its files are damaged: in its second epoch, with a best. */
const STOP = 42;

/** The files by which a run that has made all its steps has to make some again, or has nothing to put in their place. */
const OF_END = /^(?:step-64\.|best\.)/;

/** Turns bits. */
export async function flipBits(options: FlipOptions): Promise<FlipReport> {
  const { dir, threads, print } = options;
  const random = createRandom(options.seed);
  const run = async (args: readonly string[]) => {
    const { code, stderr } = await (await startRun(args)).ended;
    if (code !== 0) throw new Error(`A run that nobody disturbs failed: ${stderr}`);
  };
  await run(beginArgs(`${dir}/whole`, threads));
  await run([...beginArgs(`${dir}/half`, threads), "--steps", String(STOP)]);
  const expected = await readFolder(`${dir}/whole`);
  const half = await readFolder(`${dir}/half`);
  const problems: string[] = [];
  let flips = 0;
  const files = [
    ...[...half].map(([name, bytes]) => ({ name, bytes, all: half })),
    ...[...expected].filter(([name]) => OF_END.test(name))
      .map(([name, bytes]) => ({ name, bytes, all: expected })),
  ];
  for (const { name, bytes, all } of files) {
    for (let i = 0; i < options.flips; i++) {
      const to = `${dir}/run ${++flips}`;
      await Deno.mkdir(to);
      for (const [other, bytes] of all) await Deno.writeFile(`${to}/${other}`, bytes);
      // As many in a header as behind it.
      const end = i % 2 === 0 ? bytes.length : Math.min(bytes.length, 1000);
      const at = Math.floor(random() * end);
      const bit = Math.floor(random() * 8);
      await Deno.writeFile(`${to}/${name}`, bytes.with(at, bytes[at]! ^ (1 << bit)));
      const { code, stderr } = await (await startRun(["--resume", to, "--quiet"])).ended;
      const found = judge({ code, stderr, name, path: `${to}/${name}` });
      const differences = compareFolders(expected, await readFolder(to))
        .filter((difference) => isToBeSame(name, difference));
      const wrong = [...found, ...differences];
      problems.push(...wrong.map((problem) => `${name}, bit ${bit} of byte ${at}: ${problem}`));
      print(`${name}, bit ${bit} of byte ${at}: ${wrong.length === 0 ? "fine" : wrong.join("; ")}`);
      await Deno.remove(to, { recursive: true });
    }
  }
  return { flips, problems };
}

/** Tells whether a damaged file is no excuse for a difference. */
function isToBeSame(name: string, difference: string): boolean {
  // What is damaged there is told, and stays as it is.
  if (name === "log.jsonl") return !difference.startsWith(name);
  // There is one of it alone: the best epoch to come takes its place.
  return name !== "best.safetensors" || !/other bytes|"best":true/.test(difference);
}

/** Says what is wrong with how a run has met a damaged file. */
function judge(
  { code, stderr, name, path }: {
    readonly code: number;
    readonly stderr: string;
    readonly name: string;
    readonly path: string;
  },
): string[] {
  if (code !== 0) return [`the run ended with ${code}: ${stderr}`];
  // A number of a log, and the generation behind the newest, may be another unseen.
  const isNeeded = name !== "log.jsonl" && !name.startsWith("step-40");
  return isNeeded && !stderr.includes(path) ? [`the file is not named: ${stderr}`] : [];
}

if (import.meta.main) {
  const args = parseArgs(Deno.args, { string: ["flips", "threads", "seed"] });
  const read = (key: string, usual: number) => Number(args[key] ?? usual);
  const dir = await Deno.makeTempDir({ prefix: "rill-flip-" });
  const report = await flipBits({
    flips: read("flips", 20),
    threads: read("threads", 1),
    seed: read("seed", 0),
    dir,
    print: console.log,
  });
  console.log(JSON.stringify(report, null, 2));
  await Deno.remove(dir, { recursive: true });
  Deno.exit(report.problems.length > 0 ? 1 : 0);
}
