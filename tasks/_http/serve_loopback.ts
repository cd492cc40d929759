import { guardRequest } from "./guard_request.ts";
import { respondJson } from "./respond.ts";

/** A server that only this machine reaches. */
export interface LoopbackServer {
  /** Its address, such as `http://127.0.0.1:8000/`. */
  readonly url: string;
  /** Takes no more requests, waits until all that came are answered, also those whose body still comes, and closes the connections. */
  close(): Promise<void>;
}

/** How a loopback server is opened. */
export interface LoopbackOptions {
  /** The port; 0 for any that is free. */
  readonly port: number;
  /** What is done there, and which flag names the port, for the message where the port can't be had. */
  readonly purpose: string;
  readonly flag: string;
  /** Answers a request that comes from this machine's programs or from the server's own pages. */
  readonly answer: (request: Request, url: URL) => Response | Promise<Response>;
  /** Takes an error that `answer` has thrown; the request is answered with status 500. */
  readonly onError: (error: unknown) => void;
}

/**
 * Opens an HTTP server on the loopback address, so that other machines can't reach it. Requests that other sites' pages send are
 * refused.
 *
 * @throws {Error} If the port can't be had, in one line that says why.
 */
export function serveLoopback(
  { port, purpose, flag, answer, onError }: LoopbackOptions,
): LoopbackServer {
  const inWork = new Set<Promise<Response>>();
  let closed: Promise<void> | undefined;
  const take = async (request: Request): Promise<Response> => {
    try {
      return guardRequest(request) ?? await answer(request, new URL(request.url));
    } catch (error) {
      onError(error);
      return respondJson(500, { error: "Cannot answer as the server failed; it says why" });
    }
  };
  const handle = (request: Request): Promise<Response> => {
    if (closed) return Promise.resolve(respondClosing());
    const answered = take(request).finally(() => inWork.delete(answered));
    inWork.add(answered);
    return answered;
  };
  const listen = { hostname: "127.0.0.1", port, onListen: () => {} };
  try {
    const server = Deno.serve(listen, handle);
    return {
      url: `http://127.0.0.1:${server.addr.port}/`,
      close: () =>
        closed ??= (async () => {
          // `shutdown` ends the reading of bodies, and with that what is still sent: it waits until nothing is in work.
          await Promise.allSettled(inWork);
          await server.shutdown();
        })(),
    };
  } catch (error) {
    const reason = error instanceof Deno.errors.AddrInUse
      ? `another program has it: name another with ${flag}, or 0 for any that is free`
      : error instanceof Deno.errors.PermissionDenied || error instanceof Deno.errors.NotCapable
      ? `this program may not have it: it needs another port, or the permission --allow-net=127.0.0.1`
      : error instanceof Error
      ? error.message
      : String(error);
    throw new Error(`Cannot ${purpose} on port ${port} as ${reason}`, { cause: error });
  }
}

const respondClosing = (): Response =>
  respondJson(503, { error: "Cannot take the request as the server is stopping" }, {
    connection: "close",
  });
