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
<script src="/_go_on.js"></script>
<script type="module" src="/${program}"></script>
`;

/** Errors that no code of the page's can catch are results, too. */
const REPORT_ERRORS = `
const fail = (error) => fetch("/failure", { method: "POST", body: String(error) });
addEventListener("error", ({ message, target }) => fail(message ?? "it cannot load " + target.src), true);
addEventListener("unhandledrejection", ({ reason }) => fail(reason));
`;

/** A page goes to the next one when there is one, which it asks for from the start. */
const GO_ON = `
fetch("/_next").then((response) => response.text()).then((url) => url && location.replace(url));
`;

/** A browser that goes from one page to the next: its start takes longer than most pages do. */
export interface KeptBrowser {
  /** Runs a program as a page's module, as {@linkcode runPage} does. */
  run(dir: string, program: string, options?: PageOptions): Promise<string>;
  /** Ends it, if it has been started, and removes its profile. */
  close(): Promise<void>;
}

/**
 * Keeps a browser, which starts with its first page and has a profile of its own. Each page has an origin of its own, so that
 * it finds nothing that another has stored. After a page that fails, the next is in a browser that is new.
 */
export function keepBrowser(browser: Browser): KeptBrowser {
  let started: { readonly end: () => Promise<void> } | undefined;
  let current: ServedPage | undefined;

  const start = async (url: string) => {
    const profile = await Deno.makeTempDir({ prefix: "rill-browser-" });
    const process = new Deno.Command(browser.command, {
      args: [...await browser.prepare(profile, url)],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    process.status.then(({ code }) => current?.fail(`the browser ended with ${code}`));
    return {
      async end() {
        // It may have ended by itself.
        try {
          process.kill("SIGTERM");
        } catch { /* There is nothing to end. */ }
        await process.status;
        await removeFolder(profile);
      },
    };
  };
  const close = async () => {
    await started?.end();
    started = undefined;
    current?.goOn("");
    await current?.shutdown();
    current = undefined;
  };
  return {
    async run(dir, program, options = {}) {
      const { patience = 60_000 } = options;
      const last = current;
      const next = current = servePage(browser.command, dir, program, options);
      const timer = setTimeout(() => next.fail(`it takes over ${patience / 1000} s`), patience);
      try {
        last?.goOn(next.url);
        started ??= await start(next.url);
        return await next.results;
      } catch (error) {
        await close();
        throw error;
      } finally {
        clearTimeout(timer);
        await last?.shutdown();
      }
    },
    close,
  };
}

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
  const kept = keepBrowser(browser);
  try {
    return await kept.run(dir, program, options);
  } finally {
    await kept.close();
  }
}

/** A page that is served. */
interface ServedPage {
  readonly url: string;
  /** What the page posts to `/results`. */
  readonly results: Promise<string>;
  /** Has the results fail. */
  fail(reason: string): void;
  /** Sends the page to another; nowhere, if there is no address. */
  goOn(url: string): void;
  shutdown(): Promise<void>;
}

function servePage(
  command: string,
  dir: string,
  program: string,
  { headers = {}, files = {}, answer = () => undefined }: PageOptions,
): ServedPage {
  const { promise: results, resolve, reject } = Promise.withResolvers<string>();
  const { promise: next, resolve: goOn } = Promise.withResolvers<string>();
  let progress = "";
  const fail = (reason: string) => {
    const last = progress && `; the last that it said: ${progress}`;
    reject(new Error(`Cannot run ${program} in ${command} as ${reason}${last}`));
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
    if (pathname === "/_go_on.js") return respond(GO_ON, TYPES.js!);
    if (pathname === "/_next") return respond(await next, "text/plain");
    try {
      const bytes = await Deno.readFile(files[pathname] ?? `${dir}${pathname}`);
      const ending = pathname.slice(pathname.lastIndexOf(".") + 1);
      return respond(bytes, TYPES[ending] ?? "application/octet-stream");
    } catch {
      return respond(null, "text/plain", 404);
    }
  });
  const url = `http://127.0.0.1:${server.addr.port}/`;
  return { url, results, fail, goOn, shutdown: () => server.shutdown() };
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
