/** The longest time that work goes on without a turn for others, in milliseconds. */
const BREATH = 8;

/** Makes the function that lets signals, timers and messages have their turn, where work has gone on for a while. */
export function createBreather(): () => Promise<void> | undefined {
  let last = performance.now();
  return () => {
    if (performance.now() - last < BREATH) return undefined;
    return giveTurn().then(() => {
      last = performance.now();
    });
  };
}

/**
 * Waits for the tasks that are due. In Deno and Node by what they have for it: messages would come before timers there, for half
 * a second. In pages by a message, as one that isn't looked at has its timers held back by a second and more.
 */
function giveTurn(): Promise<void> {
  const { setImmediate } = globalThis as { setImmediate?: (callback: () => void) => unknown };
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
