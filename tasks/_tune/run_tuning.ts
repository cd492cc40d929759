import * as E from "fp-ts/lib/Either.js";
import { pipe } from "fp-ts/lib/function.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import { nameProduct } from "../../models/kernels/webgpu/tuning/_products.ts";
import {
  type ProductTime,
  tuneProducts,
} from "../../models/kernels/webgpu/tuning/_tune_products.ts";
import { type Backend, findDevice, type Network, openBackend } from "../../models/mod.ts";
import { attempt } from "../_cli/errors.ts";
import type { FlagValues } from "../_cli/flags.ts";
import { listenForInterrupt } from "../_cli/interrupt.ts";
import { writeTextFileAtomically } from "../_files/files.ts";
import { describeBackend } from "../_model/describe_backend.ts";
import { buildForSide } from "../_model/model_config.ts";
import { findTuningFile, readTuning } from "../_model/tuning_file.ts";
import { printNote, printResult } from "../_text/print.ts";
import { createProgressLine, formatPercent, silentLine } from "../_text/progress_line.ts";
import { chapter } from "../_train/settings/train_settings.ts";
import { listAlexnetProducts } from "./alexnet_products.ts";
import { formatTuning } from "./format_tuning.ts";
import { SOFTWARE_BATCH, type tuneFlags } from "./tune_flags.ts";

type Flags = FlagValues<typeof tuneFlags>;

/**
 * Tunes as the flags say, and prints and keeps the results.
 *
 * @returns The exit code.
 */
export function runTuning(flags: Flags): TE.TaskEither<Error, number> {
  const { side = chapter.side } = flags;
  return pipe(
    E.Do,
    E.bindW("path", () => choosePath(flags)),
    E.bindW("network", () => buildForSide({ ...chapter, side, channels: 1, classes: 10 })),
    TE.fromEither,
    TE.bindW("backend", () => openWebgpu),
    TE.chainW(({ backend, ...plan }) =>
      pipe(
        attempt(() => tuneOn(backend, { ...plan, side }, flags)),
        TE.mapLeft((error) => E.toError(backend.toBackendError(error))),
      )
    ),
  );
}

/** The inputs of a tuning that are not on the command line as they are. */
interface TuningPlan {
  /** The file to keep the results in; `undefined` to keep nothing. */
  readonly path: string | undefined;
  readonly side: number;
  readonly network: Network;
}

function choosePath({ dryRun }: Flags): E.Either<Error, string | undefined> {
  if (dryRun) return E.right(undefined);
  return pipe(
    findTuningFile(),
    E.fromNullable(
      new Error(
        "Cannot keep a tuning as no cache directory is known: set XDG_CACHE_HOME, or use --dry-run",
      ),
    ),
  );
}

const openWebgpu: TE.TaskEither<Error, Backend> = attempt(async () => {
  if (!await findDevice()) throw new Error("Cannot tune as no WebGPU adapter was found");
  return await openBackend("webgpu");
});

async function tuneOn(
  backend: Backend,
  { path, side, network }: TuningPlan,
  flags: Flags,
): Promise<number> {
  const note = flags.quiet ? () => {} : printNote;
  const batchSize = flags.batchSize ?? (backend.hardware ? chapter.batchSize : SOFTWARE_BATCH);
  const line = flags.quiet ? silentLine : createProgressLine();
  using interrupt = listenForInterrupt(() => {
    line.clear();
    note("interrupted: nothing is kept");
  });
  for (const text of describeBackend(backend)) note(text);
  note(`products: AlexNet at ${side} x ${side}, batches of ${batchSize}`);
  try {
    const result = await tuneProducts(backend, listAlexnetProducts(network, batchSize), {
      seconds: flags.seconds ?? 300,
      progress: (share, what) => line.show(share, `${what}, ${formatPercent(share)}`),
      stopped: () => interrupt.requested,
    });
    line.clear();
    if (!result) return interrupt.code;
    if (path !== undefined) await keepTuning(path, result.store, note);
    const report = { device: backend.description, side, batchSize, products: toRows(result.times) };
    printResult(flags.json ? JSON.stringify(report) : formatTuning(result.times));
    return 0;
  } finally {
    line.clear();
  }
}

async function keepTuning(
  path: string,
  store: (stored: unknown) => unknown,
  note: (line: string) => void,
): Promise<void> {
  // Read again only now, so that what others found meanwhile, for other products, stays.
  const stored = store(await readTuning(() => {}));
  await Deno.mkdir(path.replace(/[/\\][^/\\]*$/, ""), { recursive: true });
  await writeTextFileAtomically(path, JSON.stringify(stored, null, 2) + "\n");
  note(`tuning: kept in ${path}`);
}

const toRows = (times: readonly ProductTime[]) =>
  times.map(({ product, flops, before, after, set }) => ({
    product: nameProduct(product),
    gflopsBefore: flops / before / 1e9,
    gflopsAfter: after === undefined ? null : flops / after / 1e9,
    set: set ?? null,
  }));
