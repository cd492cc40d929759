/** The longest time that work goes on without a turn for others, in milliseconds. */
const BREATH = 8;

/** Makes the function that lets signals, timers and messages have their turn, where work has gone on for a while. */
export function createBreather(): () => Promise<void> | undefined {
  let last = performance.now();
  return () => {
    if (performance.now() - last < BREATH) return undefined;
    return new Promise((resolve) => {
      // By a message, as a page that isn't looked at has its timers held back by a second and more.
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => {
        port1.close();
        last = performance.now();
        resolve();
      };
      port2.postMessage(undefined);
    });
  };
}
