import { listenForInterrupt } from "../_cli/interrupt.ts";
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

/** Serves a site on this machine alone until it is told to end. */
export async function serveSite(
  files: SiteFiles,
  port: number,
  note: (line: string) => void,
): Promise<void> {
  const server = listen(files, port, note);
  using _ = listenForInterrupt(() => void server.shutdown());
  await server.finished;
}

function listen(files: SiteFiles, port: number, note: (line: string) => void): Deno.HttpServer {
  try {
    return Deno.serve({
      hostname: "127.0.0.1",
      port,
      onListen: ({ port }) => note(`serving http://127.0.0.1:${port}/ until Ctrl-C`),
    }, (request) => answer(files, request));
  } catch (error) {
    if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    throw new Error(`Cannot serve on port ${port} as it is taken: name another with --port`, {
      cause: error,
    });
  }
}
