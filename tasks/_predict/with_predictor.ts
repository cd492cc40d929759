import { pipe } from "fp-ts/lib/function.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import { predictInThreads, type Prediction, topK } from "../../models/mod.ts";
import { type Batch, recycle } from "../../pipelines/mod.ts";
import { attempt } from "../_cli/errors.ts";
import type { FlagValues } from "../_cli/flags.ts";
import type { PrepareOptions } from "../_data/prepare_images.ts";
import type { Split, UnreadableRecord } from "../_data/sets/data_set.ts";
import type { modelFlags } from "../_evaluate/model_flags.ts";
import {
  describeModel,
  loadVariables,
  type OpenedModel,
  openModel,
} from "../_evaluate/open_model.ts";
import type { backendFlag, kernelsFlag } from "../_model/backend_flags.ts";
import { chooseThreads } from "../_model/choose_threads.ts";
import { describeBackend } from "../_model/describe_backend.ts";
import { planInput } from "../_model/input_plan.ts";
import { shareNetwork } from "../_model/evaluation_plan.ts";
import { planUse } from "../_model/views.ts";
import { withBackend } from "../_model/with_backend.ts";
import { findNewestRun } from "./find_newest_run.ts";
import { type ClassShare, rankClasses } from "./print_prediction.ts";

/** What a network tells of a batch of pictures. */
export interface PredictedBatch {
  /** The label of each picture. */
  readonly labels: Int32Array;
  readonly logits: Prediction;
  /** The likeliest classes of each, the likeliest first. */
  readonly ranked: readonly (readonly ClassShare[])[];
}

/** How pictures are predicted. */
export interface PredictOptions extends Pick<PrepareOptions, "workers" | "badRecords"> {
  readonly batchSize: number;
  /** How many of the likeliest classes to tell. */
  readonly top: number;
}

/** A network on a backend that tells what is on pictures. */
export interface Predictor {
  readonly opened: OpenedModel;
  /** The names of the classes. */
  readonly names: readonly string[];
  /**
   * Makes the function that predicts pictures, batch after batch.
   *
   * @param stored What is known of the pictures: their size, where they have one, and their channels.
   */
  predict(
    stored: Pick<Split, "size"> & { readonly channels: 1 | 3 },
    options: PredictOptions,
  ): (records: AsyncIterable<UnreadableRecord>) => AsyncIterable<PredictedBatch>;
}

type PredictorFlags =
  & FlagValues<{ readonly backend: typeof backendFlag; readonly kernels: typeof kernelsFlag }>
  & FlagValues<typeof modelFlags>
  & { readonly checkpoint?: string };

/**
 * Runs a body with the network of the checkpoint that the flags name, or of the newest run's. While its file is read the backend is
 * opened.
 *
 * @param options What is asked for, as a verb; takes a line on what is opened; whether the pictures are so few that WASM is best;
 * and how many threads were asked for and how many pictures share them, where they are to share the work.
 */
export const withPredictor = <A>(
  flags: PredictorFlags,
  { verb, note, isFew = false, share = { threads: 1, batchSize: 1 } }: {
    readonly verb: string;
    readonly note: (line: string) => void;
    readonly isFew?: boolean;
    readonly share?: { readonly threads: number | undefined; readonly batchSize: number };
  },
  body: (predictor: Predictor) => Promise<A>,
): TE.TaskEither<Error, A> =>
  pipe(
    attempt(async () => flags.checkpoint ?? await findNewestRun(verb)),
    TE.chainW((checkpoint) => {
      const opening = openModel(checkpoint, flags)();
      return withBackend(isFew ? { ...flags, backend: "wasm" } : flags, note, (backend) =>
        pipe(
          TE.Do,
          TE.bindW(
            "threads",
            () => TE.fromEither(chooseThreads(share.threads, backend, share.batchSize)),
          ),
          TE.bindW("opened", () => () => opening),
          TE.bindW("variables", ({ opened }) => loadVariables(opened)),
          TE.chainW(({ opened, threads, variables }) =>
            attempt(() => {
              const reason = isFew ? "the soonest ready for few pictures" : backend.reason;
              describeBackend({ ...backend, reason }, threads).forEach(note);
              describeModel(opened, flags.checkpoint ? "" : ", of the newest run").forEach(note);
              const { model, network } = opened;
              const names = model.classNames ??
                Array.from({ length: model.classes }, (_, label) => `class ${label}`);
              return body({
                opened,
                names,
                predict(stored, { batchSize, top, ...options }) {
                  const input = planInput(backend, planUse(model), stored);
                  const { stepOptions } = input;
                  const { kernels } = flags;
                  const evaluate = predictInThreads<Batch>({
                    ...shareNetwork({ model, network, stepOptions, threads, kernels }),
                    backend,
                    variables,
                    release: recycle,
                  });
                  return async function* (records) {
                    const batches = input.batches(batchSize, options)(records);
                    for await (const { batch: { labels }, result } of evaluate(batches)) {
                      const { indices } = topK(result, Math.min(top, names.length));
                      yield { labels, logits: result, ranked: rankClasses(result, indices, names) };
                    }
                  };
                },
              });
            })
          ),
        ));
    }),
  );
