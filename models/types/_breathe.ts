/** The longest time that work goes on without a turn for others, in milliseconds. */
const BREATH = 8;

/**
 * The longest time without a turn for what comes from outside, in milliseconds: signals, in Deno. It looks for them where nothing
 * is left to do, else once in dozens of turns, each as long as a step; a task of `setImmediate` is something to do.
 */
const DEEP_BREATH = 250;

/** Makes the function that lets signals, timers and messages have their turn, where work has gone on for a while. */
export function createBreather(): () => Promise<void> | undefined {
  let last = performance.now();
  let deep = last;
  return () => {
    const now = performance.now();
    if (now - last < BREATH) return undefined;
    const isDeep = setImmediate !== undefined && now - deep >= DEEP_BREATH;
    return (isDeep ? waitForTimer() : giveTurn()).then(() => {
      last = performance.now();
      if (isDeep) deep = last;
    });
  };
}

/** The function by which Deno and Node call back in the next turn; pages have none. */
const { setImmediate } = globalThis as { setImmediate?: (callback: () => void) => unknown };

/**
 * Waits with nothing to do for a millisecond or two. The first timer comes at once, as its time is counted from before the work;
 * and what was found while the second was waited for is told after it, before the next turn.
 */
const waitForTimer = async (): Promise<void> => {
  await new Promise<void>((resolve) => setTimeout(resolve, 0));
  await new Promise<void>((resolve) => setTimeout(resolve, 0));
  await giveTurn();
};

/**
 * Waits for the tasks that are due. In Deno and Node by what they have for it: messages would come before timers there, for half
 * a second. In pages by a message, as one that isn't looked at has its timers held back by a second and more.
 */
function giveTurn(): Promise<void> {
  return new Promise((resolve) => {
    if (setImmediate) {
      setImmediate(resolve);
      return;
    }
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}
