import { decodeImageBytes } from "../../../pipelines/codecs/decode_image.ts";
import { attempt } from "../../_cli/errors.ts";
import { booleanFlag, integerFlag, pathFlag } from "../../_cli/flags.ts";
import { runTask } from "../../_cli/run_task.ts";
import { formatTable } from "../../_text/format.ts";
import { formatDecimals, formatMachine, type Machine, readMachine } from "../shared/report.ts";
import { startPython } from "../shared/start_python.ts";
import { median, medianRatio } from "../shared/statistics.ts";

/** `deno task bench decode`. */
export const benchDecode = (args: readonly string[]): Promise<void> =>
  runTask({
    name: "bench decode",
    about:
      "Measures how fast JPEGs are decoded on one core, beside Pillow, in turn: pictures of 375 × 500 at three qualities, whose " +
      "colors vary as those of photos do, and one of 6000 × 6000; or the JPEGs of a folder.",
    flags: {
      folder: pathFlag({ placeholder: "DIR", help: "Decode the JPEGs of this folder instead" }),
      pictures: integerFlag({ least: 1, help: "Pictures of each quality", shownDefault: "40" }),
      rounds: integerFlag({
        least: 1,
        help: "How often to measure everything, in turn",
        shownDefault: "9",
      }),
      json: booleanFlag({ help: "Print one JSON object" }),
    },
  }, ({ folder, pictures = 40, rounds = 9, json }) =>
    attempt(async () => {
      const report = await measureDecoding(folder, pictures, rounds);
      console.log(json ? JSON.stringify(report) : formatDecoding(report));
    }), args);

/** The report of `deno task bench decode`, as `--json` prints it. */
interface DecodeReport {
  readonly machine: Machine;
  readonly pillow: string | undefined;
  readonly rounds: number;
  readonly sets: readonly {
    readonly name: string;
    readonly pictures: number;
    /** Mean size of a file, in bytes. */
    readonly size: number;
    /** Seconds to decode all, round by round, each picture's memory given back at once, as Pillow does by counting references. */
    readonly rill: readonly number[];
    /** The same, with the memory left to the engine's garbage collector. */
    readonly collected: readonly number[];
    readonly pillow: readonly number[];
  }[];
}

async function measureDecoding(
  folder: string | undefined,
  pictures: number,
  rounds: number,
): Promise<DecodeReport> {
  const machine = readMachine();
  const script = new URL("pillow_decoder.py", import.meta.url);
  const pillow = await startPython(script, [], "Pillow and numpy");
  if ("missing" in pillow) throw new Error(`Cannot measure decoding: ${pillow.missing}`);
  const made = folder === undefined ? await Deno.makeTempDir() : undefined;
  try {
    const path = made ?? await Deno.realPath(folder!);
    if (made !== undefined) await pillow.ask(`make ${made} ${pictures}`);
    const prefixes = made === undefined ? [""] : ["75-", "90-", "95-", "large"];
    const sets = [];
    for (const prefix of prefixes) {
      const files = await readFiles(path, prefix);
      const decodeAll = async (release: boolean) => {
        const start = performance.now();
        for (const file of files) {
          const { data } = await decodeImageBytes(file);
          if (release) data.buffer.transfer(0);
        }
        return (performance.now() - start) / 1000;
      };
      const askPillow = async () => Number(await pillow.ask(`decode ${path}/${prefix}`));
      // One after the other, so that a turn is long beside what an engine does with memory while it waits for its turn.
      const repeat = async (decode: () => Promise<number>, passes: number) => {
        let seconds = 0;
        for (let pass = 0; pass < passes; pass++) seconds += await decode();
        return seconds / passes;
      };
      const rill: number[] = [];
      const collected: number[] = [];
      const others: number[] = [];
      // The first passes warm up: the engine makes the decoder faster while it runs.
      const warm = await repeat(() => decodeAll(true), WARM_UP);
      await repeat(askPillow, WARM_UP);
      const passes = Math.ceil(TURN / warm);
      for (let round = 0; round < rounds; round++) {
        rill.push(await repeat(() => decodeAll(true), passes));
        collected.push(await repeat(() => decodeAll(false), passes));
        others.push(await repeat(askPillow, passes));
      }
      sets.push({
        name: prefix === ""
          ? path
          : prefix === "large"
          ? "6000 × 6000"
          : `quality ${prefix.slice(0, 2)}`,
        pictures: files.length,
        size: files.reduce((sum, { length }) => sum + length, 0) / files.length,
        rill,
        collected,
        pillow: others,
      });
    }
    return { machine, pillow: pillow.about, rounds, sets };
  } finally {
    await pillow.close();
    if (made !== undefined) await Deno.remove(made, { recursive: true });
  }
}

/** How often all are decoded before anything is measured. */
const WARM_UP = 3;

/** Seconds of a turn, at least. */
const TURN = 0.5;

/** Reads the JPEGs of a folder whose names begin with a text. */
async function readFiles(folder: string, prefix: string): Promise<Uint8Array[]> {
  const names = [];
  for await (const { name } of Deno.readDir(folder)) {
    if (name.startsWith(prefix) && /\.jpe?g$/i.test(name)) names.push(name);
  }
  if (names.length === 0) throw new Error(`Cannot measure decoding: ${folder} has no JPEG`);
  return await Promise.all(names.sort().map((name) => Deno.readFile(`${folder}/${name}`)));
}

function formatDecoding({ machine, pillow, rounds, sets }: DecodeReport): string {
  const rows = sets.map((set) => [
    set.name,
    `${set.pictures} of ${(set.size / 1000).toFixed(0)} kB`,
    formatDecimals(set.pictures / median(set.rill)),
    formatDecimals(set.pictures / median(set.pillow)),
    medianRatio(set.pillow, set.rill).toFixed(2),
    medianRatio(set.pillow, set.collected).toFixed(2),
  ]);
  const head = [
    "JPEGs",
    "pictures",
    "Rill a second",
    pillow ?? "Pillow",
    "ratio",
    "memory left to the collector",
  ];
  return `Decoding on one core, medians of ${rounds} rounds in turn; ${
    formatMachine(machine)
  }\n\n` +
    formatTable([head, ...rows]).join("\n");
}
