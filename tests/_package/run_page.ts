/** How a page is served and run. */
export interface PageOptions {
  /** Headers of every response, such as `ISOLATED`, or a content security policy. */
  readonly headers?: Readonly<Record<string, string>>;
  /** What is served beside the folder's files: a file's path or its URL, by the path of a request, such as `/a/b.wasm`. */
  readonly files?: Readonly<Record<string, string | URL>>;
  /** Answers a request in another way; undefined for one that is answered as usual. */
  readonly answer?: (request: Request) => Response | undefined;
  /** The longest that the page may take, in milliseconds; a minute by default. */
  readonly patience?: number;
}

/** Headers that isolate a page from all other origins, so that it may share memory with its workers. */
export const ISOLATED: Readonly<Record<string, string>> = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
};

/** How a browser is started with a profile of its own. */
export interface Browser {
  /** Its command. */
  readonly command: string;
  /** Prepares a profile, an empty folder, and gives the arguments. */
  prepare(profile: string, url: string): readonly string[] | Promise<readonly string[]>;
}

const TYPES: Readonly<Record<string, string>> = {
  html: "text/html",
  js: "text/javascript",
  mjs: "text/javascript",
  json: "application/json",
  png: "image/png",
  ts: "text/javascript",
  wasm: "application/wasm",
};

/** Nothing here is inline, so that a content security policy may forbid that. */
const page = (program: string) =>
  `<!doctype html>
<meta charset="utf-8">
<script src="/_report_errors.js"></script>
<script type="module" src="/${program}"></script>
`;

/** Errors that no code of the page's can catch are results, too. */
const REPORT_ERRORS = `
const fail = (error) => fetch("/failure", { method: "POST", body: String(error) });
addEventListener("error", ({ message, target }) => fail(message ?? "it cannot load " + target.src), true);
addEventListener("unhandledrejection", ({ reason }) => fail(reason));
`;

/**
 * Runs a program as a page's module in a browser, with a profile of its own.
 *
 * The page posts its result to `/results`. What it posts to `/progress` on its way stands in the error if it comes to no
 * result.
 *
 * @param browser The browser.
 * @param dir The folder with the program and what it imports.
 * @param program The program's file in it.
 * @param options How the page is served, and how long it may take.
 * @returns What the page posted to `/results`.
 */
export async function runPage(
  browser: Browser,
  dir: string,
  program: string,
  options: PageOptions = {},
): Promise<string> {
  const { headers = {}, files = {}, answer = () => undefined, patience = 60_000 } = options;
  const { promise: results, resolve, reject } = Promise.withResolvers<string>();
  let progress = "";
  const fail = (reason: string) => {
    const last = progress && `; the last that it said: ${progress}`;
    reject(new Error(`Cannot run ${program} in ${browser.command} as ${reason}${last}`));
  };
  const respond = (body: Uint8Array<ArrayBuffer> | string | null, type: string, status = 200) =>
    new Response(body, { status, headers: { ...headers, "content-type": type } });
  const server = Deno.serve({
    hostname: "127.0.0.1",
    port: 0,
    onListen: () => {},
  }, async (req) => {
    const special = answer(req);
    if (special) return special;
    const { pathname } = new URL(req.url);
    if (req.method === "POST") {
      const body = await req.text();
      if (pathname === "/results") resolve(body);
      else if (pathname === "/progress") progress = body;
      else fail(`the page fails: ${body}`);
      return respond("", "text/plain");
    }
    if (pathname === "/") return respond(page(program), TYPES.html!);
    if (pathname === "/_report_errors.js") return respond(REPORT_ERRORS, TYPES.js!);
    try {
      const bytes = await Deno.readFile(files[pathname] ?? `${dir}${pathname}`);
      const ending = pathname.slice(pathname.lastIndexOf(".") + 1);
      return respond(bytes, TYPES[ending] ?? "application/octet-stream");
    } catch {
      return respond(null, "text/plain", 404);
    }
  });
  const profile = await Deno.makeTempDir({ prefix: "rill-browser-" });
  const process = new Deno.Command(browser.command, {
    args: [...await browser.prepare(profile, `http://127.0.0.1:${server.addr.port}/`)],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  const timer = setTimeout(() => fail(`it takes over ${patience / 1000} s`), patience);
  process.status.then(({ code }) => fail(`the browser ended with ${code}`));
  try {
    return await results;
  } finally {
    clearTimeout(timer);
    // It may have ended by itself.
    try {
      process.kill("SIGTERM");
    } catch { /* There is nothing to end. */ }
    await process.status;
    await server.shutdown();
    await removeFolder(profile);
  }
}

/** Removes the profile of a browser that has ended. Its helpers may be writing still, and Deno's `rm` doesn't try again. */
export async function removeFolder(dir: string): Promise<void> {
  for (let tries = 50;; tries--) {
    try {
      return await Deno.remove(dir, { recursive: true });
    } catch (error) {
      if (tries === 0) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
