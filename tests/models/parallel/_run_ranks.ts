import {
  type Communicator,
  openBackend,
  sharedCommunicator,
  sharedMemory,
  singleProcess,
} from "@rill/rill/models";

/** What a rank does of a job, on the backend that is open. */
export type RunRank<Job, Outcome> = (communicator: Communicator, job: Job) => Promise<Outcome>;

interface Sent<Job> {
  readonly memory: SharedArrayBuffer;
  readonly rank: number;
  readonly job: Job;
}

/**
 * Runs a job by so many ranks, the first of them here, on the backend that is open, and the others in workers, on WASM. Gives
 * each rank's outcome.
 *
 * @param worker The module of a worker, which calls `answerAsRank`.
 */
export async function runRanks<Job, Outcome>(
  size: number,
  worker: URL,
  run: RunRank<Job, Outcome>,
  job: Job,
): Promise<Outcome[]> {
  if (size === 1) return [await run(singleProcess(), job)];
  const memory = sharedMemory(size);
  const workers = Array.from({ length: size - 1 }, () => new Worker(worker, { type: "module" }));
  try {
    // A browser starts workers on its first thread, which mustn't wait for them in a step before they run.
    await Promise.all(workers.map((worker) => receive<"ready">(worker)));
    const others = workers.map((worker, i) => {
      const outcome = receive<Outcome>(worker);
      worker.postMessage({ memory, rank: i + 1, job } satisfies Sent<Job>);
      return outcome;
    });
    const communicator = sharedCommunicator(memory, 0);
    const own = run(communicator, job).catch((error) => {
      communicator.abort(error);
      throw error;
    });
    const settled = await Promise.allSettled([own, ...others]);
    return settled.map((one) => {
      if (one.status === "rejected") throw one.reason;
      return one.value;
    });
  } finally {
    for (const worker of workers) worker.terminate();
  }
}

/** Receives the next outcome that a worker sends. */
const receive = <T>(worker: Worker): Promise<T> =>
  new Promise((resolve, reject) => {
    worker.onmessage = ({ data: { outcome, error } }) =>
      error === undefined ? resolve(outcome) : reject(new Error(error));
    worker.onerror = (event) => {
      event.preventDefault();
      reject(new Error(event.message));
    };
  });

/** Answers as a rank, in a worker: when its backend is open it says that it is ready, and then it is sent its memory, its number and its job, and sends the outcome. */
export function answerAsRank<Job, Outcome>(run: RunRank<Job, Outcome>): void {
  const scope = globalThis as unknown as {
    onmessage: (event: { readonly data: Sent<Job> }) => void;
    postMessage(message: unknown): void;
  };
  scope.onmessage = async ({ data: { memory, rank, job } }) => {
    const communicator = sharedCommunicator(memory, rank);
    try {
      scope.postMessage({ outcome: await run(communicator, job) });
    } catch (error) {
      communicator.abort(error);
      scope.postMessage({ error: String(error) });
    }
  };
  openBackend("wasm").then(
    () => scope.postMessage({ outcome: "ready" }),
    (error) => scope.postMessage({ error: String(error) }),
  );
}
