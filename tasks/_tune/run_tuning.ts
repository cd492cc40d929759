import {
  nameOf,
  type ProductTime,
  tuneProducts,
} from "../../models/kernels/webgpu/gemm/_tune_products.ts";
import { findDevice, openBackend } from "../../models/mod.ts";
import type { FlagValues } from "../_cli/flags.ts";
import { writeTextFileAtomically } from "../_files/files.ts";
import { describeBackend } from "../_model/describe_backend.ts";
import { buildModel } from "../_model/model_config.ts";
import { explain } from "../_model/explain.ts";
import { findTuningFile, readTuning } from "../_model/tuning_file.ts";
import { formatBar } from "../_text/format.ts";
import { createTerminalLine } from "../_text/terminal_line.ts";
import { listenForInterrupt } from "../_cli/interrupt.ts";
import { chapter } from "../_train/train_settings.ts";
import { listAlexnetProducts } from "./alexnet_products.ts";
import { SOFTWARE_BATCH, type tuneFlags } from "./tune_flags.ts";
import { formatTuning } from "./format_tuning.ts";

/**
 * Tunes as the flags say, and prints and keeps what was found.
 *
 * @returns The exit code.
 */
export async function runTuning(flags: FlagValues<typeof tuneFlags>): Promise<number> {
  const note = flags.quiet ? () => {} : (line: string) => console.error(line);
  const path = findTuningFile();
  if (path === undefined && !flags.dryRun) {
    throw new Error(
      "Cannot keep a tuning as no cache directory is known: set XDG_CACHE_HOME, or use --dry-run",
    );
  }
  const side = flags.side ?? chapter.side;
  const network = buildModel({ ...chapter, side, channels: 1, classes: 10 });
  if (!await findDevice()) throw new Error("Cannot tune as no WebGPU adapter was found");
  const backend = await openBackend("webgpu");
  const batchSize = flags.batchSize ?? (backend.hardware ? chapter.batchSize : SOFTWARE_BATCH);
  const line = createTerminalLine(flags.quiet ? { active: false } : {});
  using interrupt = listenForInterrupt(() => {
    line.clear();
    note("interrupted: nothing is kept");
  });
  for (const line of describeBackend(backend)) note(line);
  note(`products: AlexNet at ${side} x ${side}, batches of ${batchSize}`);
  try {
    const result = await tuneProducts(backend, listAlexnetProducts(network, batchSize), {
      seconds: flags.seconds ?? 300,
      progress: (share, what) => line.draw(`${formatBar(share)} ${what}`),
      stopped: () => interrupt.requested,
    });
    line.clear();
    if (!result) return 130;
    if (path !== undefined && !flags.dryRun) await keep(path, result.store, note);
    const report = { device: backend.description, side, batchSize, products: rows(result.times) };
    console.log(flags.json ? JSON.stringify(report) : formatTuning(result.times));
    return 0;
  } catch (error) {
    line.clear();
    throw explain(backend, error);
  }
}

async function keep(
  path: string,
  store: (stored: unknown) => unknown,
  note: (line: string) => void,
): Promise<void> {
  // Read again only now: what others found meanwhile, for other products, stays.
  const stored = store(await readTuning(() => {}));
  await Deno.mkdir(path.replace(/[/\\][^/\\]*$/, ""), { recursive: true });
  await writeTextFileAtomically(path, JSON.stringify(stored, null, 2) + "\n");
  note(`tuning: kept in ${path}`);
}

const rows = (times: readonly ProductTime[]) =>
  times.map(({ product, flops, before, after, set }) => ({
    product: nameOf(product),
    gflopsBefore: flops / before / 1e9,
    gflopsAfter: after === undefined ? null : flops / after / 1e9,
    set: set ?? null,
  }));
