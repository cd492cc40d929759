import type { PerItem, Work } from "../stage/_per_item.ts";
import type { RandomContext } from "../stage/_random.ts";
import type { packMessage } from "./_message.ts";

/** A job of a worker: the first message it gets. Another one may follow the replies to all items of the one before. */
export interface Job {
  /** The address of the module. */
  readonly module: string;
  /** The name of the export. */
  readonly name: string;
  /** The kind of the export. */
  readonly kind: "function" | "stage";
  readonly parameters: unknown;
  /** What the random stages of the export draw by, and the place of the first. */
  readonly random?: { readonly seed: number; readonly epoch: number; readonly place: number };
  /** How many items of an epoch come before the first; NaN where that isn't known. */
  readonly start: number;
}

/** An item to work on: each other message. */
export interface WorkItem {
  readonly index: number;
  readonly item: unknown;
}

/** A worker's message. Other messages are the module's own. */
export type Reply =
  | {
    readonly rill: "output";
    readonly index: number;
    readonly output: unknown;
    /** How many random stages the export has. */
    readonly places: number;
  }
  | {
    readonly rill: "failure";
    readonly places: number;
    /** The item that was sent. */
    readonly index: number;
    /** The stage that failed, and the position of its item. */
    readonly stage: string;
    readonly position: number;
    readonly cause: Thrown;
  }
  /** The worker can't go on: it could not load, it failed, or it ended itself. */
  | { readonly rill: "end"; readonly reason: string; readonly cause?: Thrown | undefined };

/** Something that was thrown, in plain data. */
export interface Thrown {
  /** The value, where it was not an error. */
  readonly value?: boolean | number | string | null;
  readonly error?: {
    readonly name: string;
    readonly message: string;
    readonly stack?: string | undefined;
    readonly cause?: Thrown | undefined;
    /** Its other fields. */
    readonly facts: Readonly<Record<string, boolean | number | string | null>>;
  };
}

/** The worker's side of the global scope. */
interface Scope {
  postMessage(message: unknown, buffers?: ArrayBuffer[]): void;
  close(): void;
  addEventListener(
    type: string,
    listener: (event: { data: unknown; error: unknown; reason: unknown } & Event) => void,
  ): void;
}

/**
 * Serves in a worker: does one {@linkcode Job} after another, and an item at a time.
 *
 * It is part of a worker's script as text, so it uses nothing from outside itself. A script that is made here needs no
 * address, and works wherever this library came from, in a bundle or from another origin too.
 */
export function serveWorker(pack: typeof packMessage): void {
  const scope = globalThis as unknown as Scope;
  type Loaded = Work<unknown, unknown> & { places(): number };
  const PER_ITEM = Symbol.for("rill.perItem");
  const RANDOM = Symbol.for("rill.random");
  const START = Symbol.for("rill.start");
  const reply = (message: Reply, buffers: ArrayBuffer[] = []) =>
    scope.postMessage(message, buffers);

  const plain = (value: unknown) =>
    value === null || ["boolean", "number", "string"].includes(typeof value);
  const describe = (thrown: unknown, depth = 0): Thrown => {
    if (!(thrown instanceof Error)) {
      return { value: plain(thrown) ? thrown as string : String(thrown) };
    }
    const { name, message, stack, cause } = thrown;
    return {
      error: {
        name: String(name),
        message: String(message),
        stack: stack === undefined ? undefined : String(stack),
        // An error may be its own cause.
        cause: cause === undefined || depth === 9 ? undefined : describe(cause, depth + 1),
        facts: Object.fromEntries(Object.entries(thrown).filter(([, value]) => plain(value))),
      },
    };
  };

  let ended = false;
  const end = (reason: string, cause?: unknown) => {
    if (ended) return;
    ended = true;
    reply({ rill: "end", reason, cause: cause === undefined ? undefined : describe(cause) });
  };
  scope.addEventListener("error", (event) => {
    event.preventDefault();
    end("it failed", event.error);
  });
  scope.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    end("it failed", event.reason);
  });
  // Nobody is told of a worker that ends itself: Deno has an event for one way to do so, none for the other.
  scope.addEventListener("unload", () => end("it ended itself"));
  const close = scope.close.bind(scope);
  scope.close = () => {
    end("it ended itself");
    close();
  };

  const failed = (stage: string, position: number, cause: unknown) =>
    Object.assign(new Error(), { stage, position, cause });

  const callsOf = (fn: unknown, parameters: unknown): Loaded => ({
    places: () => 0,
    run: async (item, index) => {
      try {
        return await (fn as (...args: unknown[]) => unknown)(item, index, parameters);
      } catch (cause) {
        throw failed("map", index, cause);
      }
    },
  });

  const stageOf = (stage: unknown, { random, start }: Job): Loaded | undefined => {
    if (typeof stage !== "function") return;
    const { place = 0 } = random ?? {};
    const probe = {
      [START]: start,
      ...random && { [RANDOM]: { ...random, place: () => place } },
    };
    const works: Work<unknown, unknown>[] = [];
    const last = stage(probe);
    for (let outputs = last; outputs !== probe;) {
      const part: PerItem<unknown, unknown> | undefined = outputs?.[PER_ITEM];
      if (!part) return;
      works.unshift(part.begin());
      outputs = part.source;
    }
    const behind: RandomContext | undefined = last[RANDOM];
    return {
      places: () => behind ? behind.place() - place : 0,
      run: async (item, index) => {
        let output = item;
        for (const [i, work] of works.entries()) {
          output = await work.run(output, index, works[i + 1]?.allocateInput);
        }
        return output;
      },
    };
  };

  const load = async (job: Job): Promise<Loaded | undefined> => {
    const { module, name, kind, parameters } = job;
    try {
      const value = (await import(module))[name];
      if (value === undefined) return end(`it has no export ${JSON.stringify(name)}`) as undefined;
      if (typeof value !== "function") {
        return end(`its export ${JSON.stringify(name)} is not a function`) as undefined;
      }
      if (kind === "function") return callsOf(value, parameters);
      return stageOf(await value(parameters), job) ?? end(
        `what its export ${
          JSON.stringify(name)
        } gives is not a stage that makes one output of each ` +
          "item by itself",
      ) as undefined;
    } catch (cause) {
      end("it cannot be loaded", cause);
    }
  };

  const serve = async (work: Loaded, { index, item }: WorkItem) => {
    let output: unknown;
    try {
      output = await work.run(item, index);
    } catch (error) {
      const { stage, position, cause } = error as ReturnType<typeof failed>;
      return reply({
        rill: "failure",
        places: work.places(),
        index,
        stage,
        position,
        cause: describe(cause),
      });
    }
    try {
      const { content, buffers } = pack(output, true);
      reply({ rill: "output", index, output: content, places: work.places() }, buffers);
    } catch (cause) {
      reply({
        rill: "failure",
        places: work.places(),
        index,
        stage: "send",
        position: index,
        cause: describe(cause),
      });
    }
  };

  let loading: Promise<Loaded | undefined> | undefined;
  let last: Promise<void> = Promise.resolve();
  scope.addEventListener("message", ({ data }) => {
    if ("module" in (data as Job | WorkItem)) {
      loading = load(data as Job);
      return;
    }
    const loaded = loading;
    last = last.then(async () => {
      const work = await loaded;
      if (work && !ended) await serve(work, data as WorkItem);
    });
  });
}
