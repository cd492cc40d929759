import { timingSafeEqual } from "node:crypto";
import { formatError } from "../../_cli/errors.ts";
import {
  answerByRoutes,
  RequestError,
  respond,
  respondJson,
  respondPage,
} from "../../_http/respond.ts";
import { serveLoopback } from "../../_http/serve_loopback.ts";
import { createEventHistory, type RunEvent } from "./event_history.ts";
import { renderDashboardPage } from "./page.ts";

/** The page of a run that is under way. */
export interface Dashboard {
  /** Its address, with the token that the buttons need. */
  readonly url: string;
  /** Shows an event of the run's log. */
  take(event: RunEvent): void;
  /** Aborted when somebody asks to stop. */
  readonly stopped: AbortSignal;
  /** Whether somebody has asked to save since this was asked last. */
  takeWish(): boolean;
  /**
   * Says that the run has ended to those who look, and closes the page.
   *
   * @param error What it has failed with, in a line.
   */
  close(error?: string): Promise<void>;
}

/** Options of {@linkcode openDashboard}. */
export interface DashboardOptions {
  readonly port: number;
  /** Takes a line about an error. */
  readonly warn: (line: string) => void;
}

/** The longest queue of a page that reads nothing, in events. Its stream ends there; when it reads again it asks anew. */
const MOST_WAITING = 1000;

/** The longest that the end of a run waits until it has been told to those who look, in milliseconds. */
const PATIENCE = 1000;

/**
 * Opens the page of a run on the loopback address. Whoever opens it late gets what was before; that it is closed doesn't matter to the
 * run. Its buttons work for those alone who know the token, which stands in the address behind #, so that it is never sent with it.
 *
 * @throws {Error} If the port can't be had.
 */
export async function openDashboard(
  { port, warn }: DashboardOptions,
): Promise<Dashboard> {
  const token = crypto.getRandomValues(new Uint8Array(16)).toHex();
  const history = createEventHistory();
  const watchers = new Set<ReadableStreamDefaultController<Uint8Array>>();
  const encoder = new TextEncoder();
  const encode = (events: readonly RunEvent[]) =>
    encoder.encode(`data: ${JSON.stringify(events)}\n\n`);
  const controller = new AbortController();
  let isWanted = false;

  /** Opens a stream of server-sent events: those so far as one, and each that comes. */
  function watch(): Response {
    let own: ReadableStreamDefaultController<Uint8Array>;
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        own = controller;
        watchers.add(controller);
        controller.enqueue(encode(history.list()));
      },
      cancel: () => void watchers.delete(own),
    }, { highWaterMark: MOST_WAITING });
    return respond(200, "text/event-stream", body);
  }

  function guard(request: Request): void {
    const given = encoder.encode(request.headers.get("x-rill-token") ?? "");
    const known = encoder.encode(token);
    if (given.length === known.length && timingSafeEqual(given, known)) return;
    throw new RequestError(
      403,
      "Cannot do that without the token: open the address that the run has printed",
    );
  }

  const page = await renderDashboardPage();
  const routes = {
    "/": { GET: () => respondPage(page) },
    "/events": { GET: watch },
    "/save": {
      POST(request: Request) {
        guard(request);
        isWanted = true;
        return respondJson(202, { told: "The run saves after the step under way." });
      },
    },
    "/stop": {
      POST(request: Request) {
        guard(request);
        controller.abort();
        return respondJson(202, { told: "The run saves and stops after the step under way." });
      },
    },
  };
  const server = serveLoopback({
    port,
    purpose: "show the dashboard",
    flag: "--dashboard=PORT",
    answer: (request, url) => answerByRoutes(routes, request, url),
    onError: (error) => warn(`warning: Cannot show the dashboard: ${formatError(error)}`),
  });

  return {
    url: `${server.url}#${token}`,
    stopped: controller.signal,
    take(event) {
      history.add(event);
      if (watchers.size === 0) return;
      const bytes = encode([event]);
      for (const watcher of watchers) {
        if ((watcher.desiredSize ?? 0) > 0) watcher.enqueue(bytes);
        else {
          watchers.delete(watcher);
          watcher.close();
        }
      }
    },
    takeWish() {
      const was = isWanted;
      isWanted = false;
      return was;
    },
    async close(error) {
      const bytes = encode([{ event: "end", error }]);
      for (const watcher of watchers) {
        watcher.enqueue(bytes);
        watcher.close();
      }
      watchers.clear();
      // A page that reads nothing isn't waited for.
      const { promise: late, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, PATIENCE);
      await Promise.race([server.close(), late]);
      clearTimeout(timer);
    },
  };
}
