import axe from "axe-core";
import { FLAGS } from "./chromium.ts";
import { removeFolder } from "./run_page.ts";

/** A page in a browser that a test looks at and uses as a person does. */
export interface DrivenPage {
  /** Evaluates an expression in the page, waits for its promise, and gives its value as JSON does. */
  evaluate<T>(expression: string): Promise<T>;
  /** Waits until an expression is true. */
  waitFor(expression: string): Promise<void>;
  /** Chooses a file for the input that a selector finds. */
  chooseFile(selector: string, path: string): Promise<void>;
  /** Presses the mouse, moves it through points of the page and lets go. */
  drag(points: readonly (readonly [x: number, y: number])[]): Promise<void>;
  /** Shows the page as on a window so wide, in light or dark; or as it is printed. */
  show(look: {
    readonly width: number;
    readonly dark: boolean;
    readonly isPrinted?: boolean;
  }): Promise<void>;
  /** Prints the page, and gives the PDF. */
  print(): Promise<Uint8Array<ArrayBuffer>>;
  /** Writes what is seen as a PNG. */
  screenshot(path: string): Promise<void>;
  /** Finds what people with disabilities meet as an obstacle on the page, by axe-core: all that is serious or worse. */
  findObstacles(): Promise<readonly string[]>;
  /** What the page has written to its console as errors, and what it has thrown. */
  readonly errors: readonly string[];
}

/** Waits for something to be so, and fails after so long. */
async function poll<T>(look: () => Promise<T | undefined>, what: string): Promise<T> {
  for (let tries = 0; tries < 600; tries++) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`Cannot go on as ${what} took over 30 s`);
}

/**
 * Opens a page in Chromium and hands it to a test, by the browser's own protocol for tools.
 *
 * @param command The browser's command.
 * @param url The page's address.
 */
export async function driveChromium(
  command: string,
  url: string,
  body: (page: DrivenPage) => Promise<void>,
): Promise<void> {
  const profile = await Deno.makeTempDir({ prefix: "rill-browser-" });
  const process = new Deno.Command(command, {
    args: [
      ...FLAGS,
      "--disable-gpu",
      "--remote-debugging-port=0",
      "--remote-allow-origins=*",
      `--user-data-dir=${profile}`,
      "about:blank",
    ],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  try {
    const port = await poll(async () => {
      const text = await Deno.readTextFile(`${profile}/DevToolsActivePort`).catch(() => "");
      return /^\d+\n/.test(text) ? text.split("\n")[0] : undefined;
    }, "the start of the browser");
    const address = await poll(async () => {
      const targets = await (await fetch(`http://127.0.0.1:${port}/json/list`)).json();
      return targets.find(({ type }: { type: string }) => type === "page")
        ?.webSocketDebuggerUrl as string | undefined;
    }, "the browser's first page");
    const connection = await connect(address);
    try {
      const page = await openPage(connection, url);
      await body(page);
    } finally {
      await connection.close();
    }
  } finally {
    try {
      process.kill("SIGTERM");
    } catch { /* It has ended by itself. */ }
    await process.status;
    await removeFolder(profile);
  }
}

interface Connection {
  // deno-lint-ignore no-explicit-any
  send(method: string, params?: Readonly<Record<string, unknown>>): Promise<any>;
  // deno-lint-ignore no-explicit-any
  onEvent: (method: string, params: any) => void;
  close(): Promise<void>;
}

async function connect(address: string): Promise<Connection> {
  const socket = new WebSocket(address);
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  await new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = () => reject(new Error("Cannot reach the browser's tools"));
  });
  let last = 0;
  const connection: Connection = {
    onEvent: () => {},
    send(method, params = {}) {
      const answer = Promise.withResolvers<unknown>();
      waiting.set(++last, answer);
      socket.send(JSON.stringify({ id: last, method, params }));
      return answer.promise;
    },
    close: () =>
      new Promise((resolve) => {
        socket.onclose = () => resolve();
        socket.close();
      }),
  };
  socket.onmessage = ({ data }) => {
    const { id, result, error, method, params } = JSON.parse(data);
    if (id === undefined) return connection.onEvent(method, params);
    if (error) waiting.get(id)?.reject(new Error(`the browser says: ${error.message}`));
    else waiting.get(id)?.resolve(result);
    waiting.delete(id);
  };
  return connection;
}

async function openPage(connection: Connection, url: string): Promise<DrivenPage> {
  const { send } = connection;
  const errors: string[] = [];
  connection.onEvent = (method, params) => {
    if (method === "Runtime.exceptionThrown") {
      errors.push(params.exceptionDetails.exception?.description ?? params.exceptionDetails.text);
    }
    if (method === "Log.entryAdded" && params.entry.level === "error") {
      errors.push(params.entry.text);
    }
  };
  for (const domain of ["Page", "Runtime", "Log", "DOM"]) await send(`${domain}.enable`);

  const evaluate = async <T>(expression: string): Promise<T> => {
    const { result, exceptionDetails } = await send("Runtime.evaluate", {
      expression,
      awaitPromise: true,
      returnByValue: true,
    });
    if (exceptionDetails) {
      throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    }
    return result.value;
  };
  const waitFor = async (expression: string): Promise<void> => {
    await poll(async () => await evaluate(`Boolean(${expression})`) || undefined, expression);
  };
  const mouse = (type: string, [x, y]: readonly [number, number]) =>
    send("Input.dispatchMouseEvent", { type, x, y, button: "left", buttons: 1, clickCount: 1 });
  const { errorText } = await send("Page.navigate", { url });
  if (errorText) throw new Error(`Cannot open ${url} as ${errorText}`);
  await waitFor(`location.href !== "about:blank" && document.readyState === "complete"`);
  return {
    errors,
    evaluate,
    waitFor,
    async chooseFile(selector, path) {
      const { root } = await send("DOM.getDocument");
      const { nodeId } = await send("DOM.querySelector", { nodeId: root.nodeId, selector });
      await send("DOM.setFileInputFiles", { nodeId, files: [path] });
    },
    async drag(points) {
      await mouse("mousePressed", points[0]!);
      for (const point of points) await mouse("mouseMoved", point);
      await mouse("mouseReleased", points.at(-1)!);
    },
    async show({ width, dark, isPrinted = false }) {
      const metrics = { width, height: 900, deviceScaleFactor: 1, mobile: false };
      await send("Emulation.setDeviceMetricsOverride", metrics);
      const features = [{ name: "prefers-color-scheme", value: dark ? "dark" : "light" }];
      await send("Emulation.setEmulatedMedia", { media: isPrinted ? "print" : "", features });
    },
    async print() {
      const { data } = await send("Page.printToPDF", { printBackground: true });
      return Uint8Array.fromBase64(data);
    },
    async screenshot(path) {
      const { data } = await send("Page.captureScreenshot", { captureBeyondViewport: true });
      await Deno.writeFile(path, Uint8Array.fromBase64(data));
    },
    async findObstacles() {
      await evaluate(`${axe.source}; undefined`);
      const { violations } = await evaluate<axe.AxeResults>(
        `axe.run(document, { resultTypes: ["violations"] })`,
      );
      return violations
        .filter(({ impact }) => impact === "serious" || impact === "critical")
        .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
    },
  };
}
