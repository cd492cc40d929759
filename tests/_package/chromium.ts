/** Without a window, and without anything that a browser does by itself. */
const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** The longest that the page may take. */
const PATIENCE = 60_000;

/** Errors that no code of the page's can catch are results, too. */
const page = (program: string) =>
  `<!doctype html>
<meta charset="utf-8">
<script>
  const fail = (error) => fetch("/failure", { method: "POST", body: String(error) });
  addEventListener("error", ({ message }) => fail(message), true);
  addEventListener("unhandledrejection", ({ reason }) => fail(reason));
</script>
<script type="module" src="/${program}"></script>
`;

/**
 * Runs a program as a page's module in a browser, with a profile of its own.
 *
 * @param browser The browser's command.
 * @param dir The folder with the program and what it imports.
 * @param program The program's file in it.
 * @returns What the page posted to `/results`.
 */
export async function runInChromium(
  browser: string,
  dir: string,
  program: string,
): Promise<string> {
  const { promise: results, resolve, reject } = Promise.withResolvers<string>();
  const fail = (reason: string) =>
    reject(new Error(`Cannot run ${program} in ${browser} as ${reason}`));
  const server = Deno.serve({
    hostname: "127.0.0.1",
    port: 0,
    onListen: () => {},
  }, async (req) => {
    const { pathname } = new URL(req.url);
    if (req.method === "POST") {
      const body = await req.text();
      if (pathname === "/results") resolve(body);
      else fail(`the page fails: ${body}`);
      return new Response();
    }
    if (pathname === "/") {
      return new Response(page(program), {
        headers: { "content-type": "text/html" },
      });
    }
    try {
      const bytes = await Deno.readFile(`${dir}${pathname}`);
      const type = pathname.endsWith(".wasm") ? "application/wasm" : "text/javascript";
      return new Response(bytes, { headers: { "content-type": type } });
    } catch {
      return new Response(null, { status: 404 });
    }
  });
  const profile = await Deno.makeTempDir({ prefix: "rill-chromium-" });
  const process = new Deno.Command(browser, {
    args: [...FLAGS, `--user-data-dir=${profile}`, `http://127.0.0.1:${server.addr.port}/`],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  const timer = setTimeout(() => fail("it takes over a minute"), PATIENCE);
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
async function removeFolder(dir: string): Promise<void> {
  for (let tries = 50;; tries--) {
    try {
      return await Deno.remove(dir, { recursive: true });
    } catch (error) {
      if (tries === 0) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
