/** A local server of one file, which misbehaves as it is told to. */
export interface FileServer extends AsyncDisposable {
  readonly url: string;
  /** What each request asked for: its range, or `all`. */
  readonly requests: string[];
  /** The headers of the last request. */
  readonly lastHeaders: () => Headers;
  /** How many connections have a body that is neither sent to its end nor given up. */
  readonly open: () => number;
}

/** What goes wrong with one request. */
export interface Trouble {
  /** Answers with this status, and nothing else. */
  readonly status?: number;
  /** Answers 200 with all of the file, whatever was asked for. */
  readonly whole?: boolean;
  /** Sends so many bytes, and breaks the connection. */
  readonly reset?: number;
  /** Sends so many bytes, and no more. */
  readonly stall?: number;
  /** Sends so many bytes, and ends as if they were all. Without a length in the header. */
  readonly early?: number;
  /** Does not answer. */
  readonly silent?: boolean;
  /** The file's size, as said by the header of a range; `*` for unknown. */
  readonly total?: number | string;
  /** Says that the range begins so much later than it does. */
  readonly shift?: number;
  /** Sends no more than so many bytes of a range, and says so. */
  readonly most?: number;
  readonly headers?: Readonly<Record<string, string | undefined>>;
  /** Serves another file. */
  readonly file?: Uint8Array<ArrayBuffer>;
}

/** Serves a file; the troubles are those of the first requests, in turn, and of the rest there are none. */
export function serveFile(
  own: Uint8Array<ArrayBuffer>,
  troubles: readonly Trouble[] = [],
): FileServer {
  const requests: string[] = [];
  const closed = new AbortController();
  let lastHeaders = new Headers();
  let open = 0;

  const body = (bytes: Uint8Array<ArrayBuffer>, { reset, stall, early }: Trouble) => {
    const end = reset ?? stall ?? early ?? bytes.length;
    let at = 0;
    let isOpen = true;
    open++;
    const done = () => {
      if (isOpen) open--;
      isOpen = false;
    };
    closed.signal.addEventListener("abort", done);
    return new ReadableStream<Uint8Array<ArrayBuffer>>({
      async pull(controller) {
        if (at < end) {
          controller.enqueue(bytes.slice(at, at = Math.min(at + 500, end)));
        } else if (reset !== undefined) {
          done();
          // So that what was sent before arrives.
          await new Promise((resolve) => setTimeout(resolve, 20));
          controller.error(new Error("reset"));
        } else if (stall !== undefined) {
          await new Promise<void>((resolve) => {
            closed.signal.addEventListener("abort", () => resolve());
          });
        } else {
          done();
          controller.close();
        }
      },
      cancel: done,
    }, { highWaterMark: 0 });
  };

  const server = Deno.serve({
    port: 0,
    hostname: "127.0.0.1",
    onListen() {},
    onError() {
      return new Response(null, { status: 500 });
    },
  }, async (request) => {
    const trouble = troubles[requests.length] ?? {};
    const file = trouble.file ?? own;
    const range = request.headers.get("range");
    requests.push(range ?? "all");
    lastHeaders = request.headers;
    const headers = new Headers({ etag: '"1"', "accept-ranges": "bytes" });
    const set = () => {
      for (const [name, value] of Object.entries(trouble.headers ?? {})) {
        if (value === undefined) headers.delete(name);
        else headers.set(name, value);
      }
      if (trouble.early !== undefined) headers.delete("content-length");
      return headers;
    };
    if (trouble.silent) {
      await new Promise<void>((resolve) => {
        closed.signal.addEventListener("abort", () => resolve());
      });
    }
    if (trouble.status) return new Response(null, { status: trouble.status, headers: set() });
    const [first, last] = range?.match(/\d+/g)?.map(Number) ?? [];
    if (first === undefined || trouble.whole) {
      headers.set("content-length", `${file.length}`);
      return new Response(body(file, trouble), { headers: set() });
    }
    const total = trouble.total ?? file.length;
    if (first >= file.length) {
      headers.set("content-range", `bytes */${total}`);
      return new Response(null, { status: 416, headers: set() });
    }
    const end = Math.min((last ?? Infinity) + 1, file.length, first + (trouble.most ?? Infinity));
    const shift = trouble.shift ?? 0;
    headers.set("content-range", `bytes ${first + shift}-${end - 1 + shift}/${total}`);
    headers.set("content-length", `${end - first}`);
    return new Response(body(file.slice(first, end), trouble), { status: 206, headers: set() });
  });

  return {
    url: `http://127.0.0.1:${server.addr.port}/file.bin`,
    requests,
    lastHeaders: () => lastHeaders,
    open: () => open,
    async [Symbol.asyncDispose]() {
      closed.abort();
      await server.shutdown();
    },
  };
}
