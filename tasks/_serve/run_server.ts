import type * as TE from "fp-ts/lib/TaskEither.js";
import { BackendError } from "../../models/backend/backend_error.ts";
import { encodePng } from "../../pipelines/codecs/encode_png.ts";
import { formatError } from "../_cli/errors.ts";
import type { FlagValues } from "../_cli/flags.ts";
import { listenForInterrupt } from "../_cli/interrupt.ts";
import { serveLoopback } from "../_http/serve_loopback.ts";
import { getTitle } from "../_model/model_config.ts";
import { type Predictor, withPredictor } from "../_predict/with_predictor.ts";
import { printNote, printResult } from "../_text/print.ts";
import { renderServePage } from "./page.ts";
import { createGroupPredictor, type Ranking } from "./predict_group.ts";
import { createPredictService } from "./predict_service.ts";
import type { serveFlags } from "./serve_flags.ts";

type Flags = FlagValues<typeof serveFlags>;

/** How many requests may be on their way for each that the queue takes. */
const BODIES_PER_PLACE = 4;

/** The longest that a request's body may take to come, in milliseconds. It bounds, too, how long a stop waits. */
const BODY_TIME = 30_000;

/**
 * Serves predictions until a signal asks to stop; what came before is answered.
 *
 * @returns The exit code: 0 once it has stopped.
 */
export function runServer(flags: Flags): TE.TaskEither<Error, number> {
  const note = flags.quiet ? () => {} : printNote;
  return withPredictor(
    flags,
    { verb: "serve", note },
    (predictor) => serve(predictor, flags, note),
  );
}

async function serve(
  predictor: Predictor,
  flags: Flags,
  note: (line: string) => void,
): Promise<number> {
  const { opened: { model, path }, names } = predictor;
  const { batchSize = 32, top = 5, maxBody = 10, queue = 64 } = flags;
  const { promise: end, resolve: stop, reject: fail } = Promise.withResolvers<void>();
  const predict = createGroupPredictor(predictor, batchSize);
  // Programs are compiled, and memory is had, before the first request.
  await predict([await encodeBlank()]);
  const facts = { model: model.name, checkpoint: path, classes: names };
  const server = serveLoopback({
    port: flags.port ?? 8000,
    purpose: "serve",
    flag: "--port",
    answer: createPredictService({
      predict: (pictures) => predict(pictures).catch((error) => failWhereLost(error, fail)),
      batchSize,
      capacity: queue,
      bodies: BODIES_PER_PLACE * queue,
      top,
      limits: {
        body: { bytes: maxBody * 1e6, time: BODY_TIME },
        pixels: flags.maxPixels ?? 50_000_000,
      },
      facts,
      page: await renderServePage({ ...facts, title: getTitle(model.name), light: isGray(model) }),
    }),
    onError: (error) => printNote(`error: ${formatError(error)}`),
  });
  using _interrupt = listenForInterrupt(() => {
    note("stopping: requests in work are answered first; once more to end at once");
    stop();
  });
  printResult(`serving on ${server.url}`);
  try {
    await end;
  } finally {
    await server.close();
  }
  return 0;
}

/** Whether pictures are gray: drawn ones are light on dark then, as in the data sets of that kind. */
const isGray = ({ channels }: { readonly channels: number }): boolean => channels === 1;

/** Ends the server where the device is gone: no later request could be answered either. */
function failWhereLost(error: unknown, fail: (error: unknown) => void): (Ranking | Error)[] {
  if (error instanceof BackendError && error.code === "device-lost") fail(error);
  throw error;
}

const encodeBlank = (): Promise<Uint8Array<ArrayBuffer>> =>
  encodePng({ data: new Uint8Array(64), height: 8, width: 8, channels: 1 });
