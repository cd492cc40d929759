// Waiting for what other ranks do. MPI gets on with its work only while it is called, and a rank that waits in it hears nothing else.

/** How long a rank asks without a rest, in milliseconds: that it isn't awake at the moment costs more than its CPU. */
const SPIN = 2;

/** How many times it asks between looks at the clock, and after each nap. */
const TESTS = 16;

/** The part of the time waited that a nap may take, and the longest one in milliseconds. */
const NAP = { part: 1 / 16, longest: 1 };

/** The most that counts as waited between two looks at the clock, in milliseconds: a machine that slept has not waited. */
const SLICE = 1000;

/** A word on which nobody wakes the rank. */
const nap = new Int32Array(new SharedArrayBuffer(4));

/**
 * Waits until something is so, with the thread blocked.
 *
 * @param isDone Asks MPI.
 * @param look Is called now and then, with the milliseconds waited; it throws where waiting is of no use.
 */
export function waitUntil(isDone: () => boolean, look: (waited: number) => void): void {
  const begun = performance.now();
  let last = begun;
  let waited = 0;
  for (;;) {
    for (let tests = 0; tests < TESTS; tests++) if (isDone()) return;
    const now = performance.now();
    waited += Math.min(now - last, SLICE);
    last = now;
    if (now - begun < SPIN) continue;
    look(waited);
    Atomics.wait(nap, 0, 0, Math.min(waited * NAP.part, NAP.longest));
  }
}
