/** The longest time that work goes on without a turn for others, in milliseconds. */
const BREATH = 8;

/** Makes the function that lets signals, timers and messages have their turn, where work has gone on for a while. */
export function createBreather(): () => Promise<void> | undefined {
  let last = performance.now();
  return () => {
    if (performance.now() - last < BREATH) return undefined;
    return new Promise((resolve) =>
      setTimeout(() => {
        last = performance.now();
        resolve();
      }, 0)
    );
  };
}
