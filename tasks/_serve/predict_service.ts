import { answerByRoutes, RequestError, respondJson, respondPage } from "../_http/respond.ts";
import { createBatchQueue } from "./batch_queue.ts";
import type { Ranking } from "./predict_group.ts";
import { type PictureLimits, readPicture } from "./read_picture.ts";

/** What a service is made of. */
export interface ServiceOptions {
  /** Predicts pictures together. */
  readonly predict: (pictures: readonly Uint8Array<ArrayBuffer>[]) => Promise<
    readonly (Ranking | Error)[]
  >;
  /** The most pictures that are predicted together. */
  readonly batchSize: number;
  /** The most requests with a picture at a time. */
  readonly capacity: number;
  /** How many of the likeliest classes to tell where the request doesn't say it. */
  readonly top: number;
  readonly limits: PictureLimits;
  /** What `/health` tells of the model. */
  readonly facts: Readonly<Record<string, unknown>>;
  /** The page at `/`. */
  readonly page: string;
}

/** Creates the function that answers the requests of those who want pictures predicted. */
export function createPredictService(
  { predict, batchSize, capacity, top, limits, facts, page }: ServiceOptions,
): (request: Request, url: URL) => Promise<Response> {
  const enqueue = createBatchQueue({ batchSize, work: predict });
  /** How many requests with a picture are in work, from before their body is read. */
  let inWork = 0;

  async function answerPredict(request: Request): Promise<Response> {
    const asked = readTop(new URL(request.url).searchParams, top);
    if (inWork >= capacity) {
      throw new RequestError(
        503,
        `Cannot predict now as ${capacity} requests are in work: come again`,
        { "retry-after": "1" },
      );
    }
    const { signal } = request;
    inWork++;
    try {
      const picture = await readPicture(request, limits);
      const ranking = await enqueue(picture, signal);
      return respondJson(200, { predictions: ranking.slice(0, asked) });
    } catch (error) {
      if (!signal.aborted) throw error;
      // Nobody reads it.
      throw new RequestError(400, "Cannot predict the picture as the client has left");
    } finally {
      inWork--;
    }
  }

  const routes = {
    "/": { GET: () => respondPage(page) },
    "/health": {
      GET: () => respondJson(200, { status: "ok", ...facts, inWork, capacity }),
    },
    "/predict": { POST: answerPredict },
  };
  return (request, url) => answerByRoutes(routes, request, url);
}

/** Reads how many classes a request asks for, as in `/predict?top=3`. */
function readTop(parameters: URLSearchParams, usual: number): number {
  const unknown = [...parameters.keys()].find((key) => key !== "top");
  if (unknown !== undefined) {
    throw new RequestError(400, `Cannot predict with ${unknown}: the one parameter is top`);
  }
  const text = parameters.get("top");
  if (text === null) return usual;
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new RequestError(400, "Cannot predict with this top: it must be an integer of at least 1");
}
