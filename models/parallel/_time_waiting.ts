import type { Communicator } from "./communicator.ts";

/** A communicator whose time is taken: what a rank does in it is to wait for the others, and to exchange numbers with them. */
export interface TimedCommunicator {
  readonly communicator: Communicator;
  /** Gives the time in its calls since this was asked before, in seconds. */
  takeSeconds(): number;
}

/** Takes the time of a communicator's calls. */
export function timeWaiting(communicator: Communicator): TimedCommunicator {
  let waited = 0;
  const time = (call: () => void) => {
    const start = performance.now();
    try {
      call();
    } finally {
      waited += performance.now() - start;
    }
  };
  return {
    communicator: {
      ...communicator,
      allGather: (given, taken) => time(() => communicator.allGather(given, taken)),
      exchange: (given, taken) => time(() => communicator.exchange(given, taken)),
    },
    takeSeconds() {
      const seconds = waited / 1000;
      waited = 0;
      return seconds;
    },
  };
}
