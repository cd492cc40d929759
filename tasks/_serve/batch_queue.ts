/** Options of {@linkcode createBatchQueue}. */
export interface BatchQueueOptions<T, R> {
  /** The most items in a group. */
  readonly batchSize: number;
  /** Works on a group: gives a result for each item, in order. One that is an error is that of its item alone. */
  readonly work: (items: readonly T[]) => Promise<readonly (R | Error)[]>;
}

/**
 * Adds an item to a queue, and gives its result. Once its signal is aborted, one that waits is worked on no more: it fails with the
 * signal's reason.
 */
export type BatchQueue<T, R> = (item: T, signal: AbortSignal) => Promise<R>;

interface Waiting<T, R> {
  readonly item: T;
  readonly resolve: (result: R) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Creates a queue whose items are worked on in groups: those that come while a group is worked on are the next. Nothing waits for
 * others to come, and the queue has no bound of its own.
 */
export function createBatchQueue<T, R>(
  { batchSize, work }: BatchQueueOptions<T, R>,
): BatchQueue<T, R> {
  const waiting: Waiting<T, R>[] = [];
  let isWorking = false;

  async function workOnAll(): Promise<void> {
    isWorking = true;
    while (waiting.length > 0) {
      // Work may have kept this thread busy: requests that have come since get their turn to be read.
      await new Promise((resolve) => setTimeout(resolve, 0));
      const group = waiting.splice(0, batchSize);
      // All may have left meanwhile.
      if (group.length > 0) await workOn(group);
    }
    isWorking = false;
  }

  async function workOn(group: readonly Waiting<T, R>[]): Promise<void> {
    try {
      const results = await work(group.map(({ item }) => item));
      group.forEach(({ resolve, reject }, i) => {
        const result = results[i]!;
        if (result instanceof Error) reject(result);
        else resolve(result);
      });
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
  }

  return (item, signal) =>
    new Promise<R>((resolve, reject) => {
      signal.throwIfAborted();
      const one = { item, resolve, reject };
      waiting.push(one);
      signal.addEventListener("abort", () => {
        const place = waiting.indexOf(one);
        if (place >= 0) waiting.splice(place, 1);
        reject(signal.reason);
      }, { once: true });
      if (!isWorking) workOnAll();
    });
}
