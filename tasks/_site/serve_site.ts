import { formatError } from "../_cli/errors.ts";
import { listenForInterrupt } from "../_cli/interrupt.ts";
import { serveLoopback } from "../_http/serve_loopback.ts";
import { printNote } from "../_text/print.ts";
import type { SiteFiles } from "./build_site.ts";

/** Types of the files of a site, by what their names end in. */
const TYPES: Readonly<Record<string, string>> = {
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  json: "application/json",
  wasm: "application/wasm",
};

/** Answers a request for a file of a site. */
export function answer(files: SiteFiles, request: Request): Response {
  const { pathname } = new URL(request.url);
  const path = pathname.slice(1).replace(/^$|(?<=\/)$/, "index.html");
  const bytes = files.get(path);
  const headers = { "x-content-type-options": "nosniff", "cache-control": "no-cache" };
  if (!bytes) return new Response("There is no such file.\n", { status: 404, headers });
  if (request.method !== "GET" && request.method !== "HEAD") {
    return new Response("Files can be read only.\n", {
      status: 405,
      headers: { ...headers, allow: "GET, HEAD" },
    });
  }
  const type = TYPES[path.slice(path.lastIndexOf(".") + 1)] ?? "application/octet-stream";
  return new Response(bytes, { headers: { ...headers, "content-type": type } });
}

/** How a site's server and its flag for the port are told of in messages. */
const NAMES = { purpose: "serve", flag: "--port" };

/**
 * Checks that a port can be had.
 *
 * @throws {Error} If it can't, as {@linkcode serveLoopback} says it.
 */
export async function checkPort(port: number): Promise<void> {
  const none = () => new Response(null, { status: 503 });
  await serveLoopback({ ...NAMES, port, answer: none, onError() {} }).close();
}

/** Serves a site on this machine alone until it is told to end. */
export async function serveSite(
  files: SiteFiles,
  port: number,
  note: (line: string) => void,
): Promise<void> {
  const server = serveLoopback({
    ...NAMES,
    port,
    answer: (request) => answer(files, request),
    onError: (error) => printNote(`error: ${formatError(error)}`),
  });
  const { promise: end, resolve: stop } = Promise.withResolvers<void>();
  using _ = listenForInterrupt(stop);
  note(`serving ${server.url} until Ctrl-C`);
  await end;
  await server.close();
}
