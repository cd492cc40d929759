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
  /** The most pictures at a time that wait or are predicted. */
  readonly capacity: number;
  /** The most requests at a time whose bodies are still to come: those that come slowly keep nobody else from the queue. */
  readonly bodies: number;
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
  { predict, batchSize, capacity, bodies, top, limits, facts, page }: ServiceOptions,
): (request: Request, url: URL) => Promise<Response> {
  const enqueue = createBatchQueue({ batchSize, work: predict });
  /** How many pictures wait or are predicted, and how many are still to come. */
  let inWork = 0;
  let reading = 0;

  function checkRoom(): void {
    if (inWork < capacity) return;
    throw refuseNow(`${capacity} requests are in work`);
  }

  /** Reads a picture. Only once it is there it takes a place in the queue. */
  async function read(request: Request): Promise<Uint8Array<ArrayBuffer>> {
    // Whether there is room is known before anything is sent, in most cases.
    checkRoom();
    if (reading >= bodies) throw refuseNow(`the bodies of ${bodies} requests are still to come`);
    reading++;
    try {
      return await readPicture(request, limits);
    } finally {
      reading--;
    }
  }

  async function answerPredict(request: Request): Promise<Response> {
    const asked = readTop(new URL(request.url).searchParams, top);
    const { signal } = request;
    try {
      const picture = await read(request);
      checkRoom();
      inWork++;
      try {
        const ranking = await enqueue(picture, signal);
        return respondJson(200, { predictions: ranking.slice(0, asked) });
      } finally {
        inWork--;
      }
    } catch (error) {
      if (!signal.aborted) throw error;
      // Nobody reads it.
      throw new RequestError(400, "Cannot predict the picture as the client has left");
    }
  }

  const routes = {
    "/": { GET: () => respondPage(page) },
    "/health": {
      GET: () => respondJson(200, { status: "ok", ...facts, inWork, capacity, reading }),
    },
    "/predict": { POST: answerPredict },
  };
  return (request, url) => answerByRoutes(routes, request, url);
}

const refuseNow = (reason: string): RequestError =>
  new RequestError(503, `Cannot predict now as ${reason}: come again`, { "retry-after": "1" });

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
