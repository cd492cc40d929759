import { fileURLToPath } from "node:url";
import type { CheckoutFigures, Pair } from "../against/compare_checkouts.ts";
import { type AnsweringProcess, startModule } from "../shared/answering_process.ts";
import { median } from "../shared/statistics.ts";

/** The work of a run of each row. */
export interface PipelinesWork {
  /** Images in a run where they are resized, and where they are not. */
  readonly images: readonly [resized: number, unresized: number];
  /** Side of the resized images. */
  readonly side: number;
  /** Items that go through each stage. */
  readonly items: number;
}

/** The rows that a process can measure, and why it can't measure the others. */
export interface PipelinesRows {
  readonly names: readonly string[];
  readonly missing: Readonly<Record<string, string>>;
}

/** Runs of a row in each process, whose middle one counts. */
const RUNS = 11;

/** Measures the pipelines of two checkouts, each in a process of its own: row by row and run by run in turn. */
export async function measurePipelinesOfBoth(
  checkouts: Pair<URL>,
  work: PipelinesWork,
): Promise<Pair<CheckoutFigures>> {
  const processes: AnsweringProcess[] = [];
  try {
    const sides = [];
    for (const checkout of checkouts) {
      const process = await startProcess(checkout, work);
      processes.push(process);
      const { names, missing }: PipelinesRows = JSON.parse(process.about!);
      sides.push({ process, names, missing, seconds: {} as Record<string, number> });
    }
    for (const name of new Set(sides.flatMap(({ names }) => names))) {
      const having = sides.filter(({ names }) => names.includes(name));
      const runs = having.map(() => [] as number[]);
      for (let run = 0; run < RUNS; run++) {
        for (const [i, { process }] of having.entries()) {
          runs[i]!.push(Number(await process.ask(name)));
        }
      }
      for (const [i, { seconds }] of having.entries()) seconds[name] = median(runs[i]!);
    }
    const [first, second] = sides;
    return [first!, second!];
  } finally {
    for (const process of processes) await process.close();
  }
}

async function startProcess(checkout: URL, work: PipelinesWork): Promise<AnsweringProcess> {
  const process = await startModule(
    new URL("pipelines_process.ts", import.meta.url),
    [checkout.href, JSON.stringify(work)],
    ["--config", fileURLToPath(new URL("../../../deno.json", import.meta.url))],
  );
  if (process.about) return process;
  await process.close();
  throw new Error(`Cannot measure ${fileURLToPath(checkout)}: its process ended`);
}
