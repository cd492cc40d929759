import type { Work } from "../stage/_per_item.ts";
import { parcelOf } from "./_parcel.ts";
import { type Job, type Order, type Reply, serveWorker, type Thrown } from "./_serve_worker.ts";
import { StageError } from "../stage/stage_error.ts";
import { WorkerError } from "./worker_error.ts";

/** Up to `size` workers that do one job. Each is started when there is an item and no worker without one. */
export class WorkerPool<I, O> implements Work<I, O> {
  readonly #size: number;
  readonly #job: Job;
  readonly #owned: boolean;
  readonly #hands: Hand<I, O>[] = [];

  /** @param owned Whether the arrays of the items can be had. */
  constructor(size: number, job: Job, owned: boolean) {
    this.#size = size;
    this.#job = job;
    this.#owned = owned;
  }

  run(item: I, index: number): Promise<O> {
    return this.#leastBusy().run(item, index);
  }

  close(): void {
    for (const hand of this.#hands) hand.end();
  }

  #leastBusy(): Hand<I, O> {
    const [first, ...others] = this.#hands;
    const hand = others.reduce((best, other) => other.load < best.load ? other : best, first);
    if (hand?.load === 0 || this.#hands.length === this.#size) return hand;
    const started = new Hand<I, O>(this.#job, this.#owned);
    this.#hands.push(started);
    return started;
  }
}

interface Waiting<O> {
  resolve(output: O): void;
  reject(error: unknown): void;
}

/** One worker. */
class Hand<I, O> {
  readonly #job: Job;
  readonly #owned: boolean;
  readonly #worker: Worker | undefined;
  /** By the item's index, in the order in which they were sent. */
  readonly #waiting = new Map<number, Waiting<O>>();
  #failure: WorkerError | undefined;

  constructor(job: Job, owned: boolean) {
    this.#job = job;
    this.#owned = owned;
    try {
      const worker = this.#worker = new Worker(script(), { type: "module" });
      worker.onmessage = ({ data }) => this.#hear(data);
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
        const { content, buffers } = parcelOf(item, this.#owned);
        const order: Order = { index, item: content };
        this.#worker!.postMessage(order, buffers);
      } catch (cause) {
        throw new StageError("send", index, cause);
      }
      this.#waiting.set(index, { resolve, reject });
    });
  }

  end(): void {
    this.#fail("it was ended");
  }

  #hear(reply: Reply): void {
    if (reply?.rill === "end") {
      this.#fail(reply.reason, reply.cause && revive(reply.cause));
    } else if (reply?.rill === "output") {
      this.#take(reply.index)?.resolve(reply.output as O);
    } else if (reply?.rill === "failure") {
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

/** The address of the script that all workers run. */
const script = (): string =>
  address ??= URL.createObjectURL(
    new Blob([`(${serveWorker})(${parcelOf})`], { type: "text/javascript" }),
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

/** What was thrown in a worker, as far as it can be had here: its stack is that of the worker. */
function revive({ error, value }: Thrown): unknown {
  if (!error) return value;
  const { name, message, stack, cause, facts } = error;
  const Class = Object.hasOwn(CLASSES, name) ? CLASSES[name] : Error;
  const revived = new Class(message, cause && { cause: revive(cause) });
  const define = (key: string, value: unknown) =>
    Object.defineProperty(revived, key, { value, writable: true, configurable: true });
  if (revived.name !== name) define("name", name);
  if (stack !== undefined) define("stack", stack);
  return Object.assign(revived, facts);
}
