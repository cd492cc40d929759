import type { Work } from "../stage/_per_item.ts";
import { packMessage } from "./_message.ts";
import { type Job, type Reply, serveWorker, type Thrown, type WorkItem } from "./_serve_worker.ts";
import { StageError } from "../stage/stage_error.ts";
import { WorkerError } from "./worker_error.ts";

/** Runs one job in up to `size` workers. Each is started when there is an item and no worker without one. */
export class WorkerPool<I, O> implements Work<I, O> {
  readonly #size: number;
  readonly #makeJob: () => Job;
  readonly #owned: boolean;
  readonly #tellPlaces: (places: number) => void;
  readonly #handles: WorkerHandle<I, O>[] = [];

  /**
   * @param makeJob Makes the job, called once there is an item.
   * @param owned Whether the arrays of the items may be handed over.
   * @param tellPlaces Is told how many random stages the job has, before the first output.
   */
  constructor(
    size: number,
    makeJob: () => Job,
    owned: boolean,
    tellPlaces: (places: number) => void,
  ) {
    this.#size = size;
    this.#makeJob = makeJob;
    this.#owned = owned;
    this.#tellPlaces = tellPlaces;
  }

  run(item: I, index: number): Promise<O> {
    return this.#leastBusy().run(item, index);
  }

  close(): void {
    for (const handle of this.#handles) handle.end();
  }

  #leastBusy(): WorkerHandle<I, O> {
    const handle = this.#handles.reduce<WorkerHandle<I, O> | undefined>(
      (best, other) => best && best.load <= other.load ? best : other,
      undefined,
    );
    if (handle && (handle.load === 0 || this.#handles.length === this.#size)) return handle;
    const started = new WorkerHandle<I, O>(this.#makeJob(), this.#owned, this.#tellPlaces);
    this.#handles.push(started);
    return started;
  }
}

interface Waiting<O> {
  resolve(output: O): void;
  reject(error: unknown): void;
}

/** The near side of a worker. */
class WorkerHandle<I, O> {
  readonly #job: Job;
  readonly #owned: boolean;
  readonly #worker: Worker | undefined;
  /** The items that haven't come back, by their index, in the order in which they were sent. */
  readonly #waiting = new Map<number, Waiting<O>>();
  readonly #tellPlaces: (places: number) => void;
  #failure: WorkerError | undefined;

  constructor(job: Job, owned: boolean, tellPlaces: (places: number) => void) {
    this.#job = job;
    this.#tellPlaces = tellPlaces;
    this.#owned = owned;
    try {
      const worker = this.#worker = new Worker(getScript(), { type: "module" });
      worker.onmessage = ({ data }) => this.#receive(data);
      worker.onerror = (event) => {
        event.preventDefault();
        this.#fail("it failed", event.message);
      };
      worker.onmessageerror = () => this.#fail("a message of it cannot be read");
      worker.postMessage(job);
    } catch (cause) {
      this.#fail("it cannot be started", cause);
    }
  }

  /** How many items it has been sent that haven't come back. */
  get load(): number {
    return this.#waiting.size;
  }

  run(item: I, index: number): Promise<O> {
    return new Promise((resolve, reject) => {
      if (this.#failure) throw this.#failure;
      try {
        const { content, buffers } = packMessage(item, this.#owned);
        const message: WorkItem = { index, item: content };
        this.#worker!.postMessage(message, buffers);
      } catch (cause) {
        throw new StageError("send", index, cause);
      }
      this.#waiting.set(index, { resolve, reject });
    });
  }

  end(): void {
    this.#fail("it was ended");
  }

  #receive(reply: Reply): void {
    if (reply?.rill === "end") {
      this.#fail(reply.reason, reply.cause && revive(reply.cause));
    } else if (reply?.rill === "output") {
      this.#tellPlaces(reply.places);
      this.#take(reply.index)?.resolve(reply.output as O);
    } else if (reply?.rill === "failure") {
      this.#tellPlaces(reply.places);
      const { index, stage, position, cause } = reply;
      this.#take(index)?.reject(new StageError(stage, position, revive(cause)));
    }
  }

  #take(index: number): Waiting<O> | undefined {
    const waiting = this.#waiting.get(index);
    this.#waiting.delete(index);
    return waiting;
  }

  #fail(reason: string, cause?: unknown): void {
    const [position] = this.#waiting.keys();
    this.#failure ??= new WorkerError(this.#job.module, reason, { position, cause });
    for (const { reject } of this.#waiting.values()) reject(this.#failure);
    this.#waiting.clear();
    this.#worker?.terminate();
  }
}

/** Gives the address of the script that all workers run. */
const getScript = (): string =>
  address ??= URL.createObjectURL(
    new Blob([`(${serveWorker})(${packMessage})`], { type: "text/javascript" }),
  );
let address: string | undefined;

const CLASSES: Readonly<Record<string, ErrorConstructor>> = {
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
};

/** Makes the error that was thrown in a worker again: its stack is that of the worker. */
function revive({ error, value }: Thrown): unknown {
  if (!error) return value;
  const { name, message, stack, cause, facts } = error;
  const Class = (Object.hasOwn(CLASSES, name) ? CLASSES[name] : undefined) ?? Error;
  const revived = new Class(message, cause && { cause: revive(cause) });
  const define = (key: string, value: unknown) =>
    Object.defineProperty(revived, key, { value, writable: true, configurable: true });
  if (revived.name !== name) define("name", name);
  if (stack !== undefined) define("stack", stack);
  return Object.assign(revived, facts);
}
