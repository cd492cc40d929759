import { packMessage } from "./_message.ts";
import { reviveThrown } from "./_revive_thrown.ts";
import { type Job, type Reply, serveWorker, type WorkItem } from "./_serve_worker.ts";
import { StageError } from "../stage/stage_error.ts";
import { WorkerError } from "./worker_error.ts";

/** A job, and how its items and replies are treated here. */
export interface ThreadJob {
  readonly job: Job;
  /** Whether the arrays of the items may be handed over. */
  readonly owned: boolean;
  /** Is told how many random stages the job has, before the first output. */
  readonly tellPlaces: (places: number) => void;
}

interface Waiting {
  resolve(output: unknown): void;
  reject(error: unknown): void;
}

/** The near side of a worker, which does one job after another. */
export class WorkerThread {
  #current: ThreadJob;
  #worker: Worker | undefined;
  #failure: WorkerError | undefined;
  /** The items that haven't come back, by their index, in the order in which they were sent. */
  readonly #waiting = new Map<number, Waiting>();

  /** Starts the worker, with its first job. */
  constructor(first: ThreadJob) {
    this.#current = first;
    try {
      const worker = this.#worker = new Worker(getScript(), { type: "module" });
      worker.onmessage = ({ data }) => this.#receive(data);
      worker.onerror = (event) => {
        event.preventDefault();
        this.#fail("it failed", event.message);
      };
      worker.onmessageerror = () => this.#fail("a message of it cannot be read");
      worker.postMessage(first.job);
    } catch (cause) {
      this.#fail("it cannot be started", cause);
    }
  }

  /** How many items it has been sent that haven't come back. */
  get load(): number {
    return this.#waiting.size;
  }

  /** Whether it can begin another job: it goes on, and has no item. */
  get isFree(): boolean {
    return !this.#failure && this.load === 0;
  }

  /** Begins another job. */
  begin(next: ThreadJob): void {
    this.#current = next;
    this.#worker!.postMessage(next.job);
  }

  run(item: unknown, index: number): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#failure) throw this.#failure;
      try {
        const { content, buffers } = packMessage(item, this.#current.owned);
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
      this.#fail(reply.reason, reply.cause && reviveThrown(reply.cause));
    } else if (reply?.rill === "output") {
      this.#current.tellPlaces(reply.places);
      this.#take(reply.index)?.resolve(reply.output);
    } else if (reply?.rill === "failure") {
      this.#current.tellPlaces(reply.places);
      const { index, stage, position, cause } = reply;
      this.#take(index)?.reject(new StageError(stage, position, reviveThrown(cause)));
    }
  }

  #take(index: number): Waiting | undefined {
    const waiting = this.#waiting.get(index);
    this.#waiting.delete(index);
    return waiting;
  }

  #fail(reason: string, cause?: unknown): void {
    const [position] = this.#waiting.keys();
    const { module } = this.#current.job;
    this.#failure ??= new WorkerError(module, reason, { position, cause });
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
