import { gatherNumbers } from "../../parallel/_gather_numbers.ts";
import { type TimedCommunicator, timeWaiting } from "../../parallel/_time_waiting.ts";
import type { Communicator } from "../../parallel/communicator.ts";
import type { StepTimes } from "../metrics.ts";

/** What the processes of a training agree on: all go on alike, though a signal and a clock tell them differently. */
export interface Agreement {
  /** Joins the processes. */
  readonly processes: Communicator;
  /** Is aborted at the same place in all processes. */
  readonly signal: AbortSignal | undefined;
  /** Makes a step, whose time is taken where there are several processes. */
  step<T>(make: () => T): T;
  /** Asks all processes whether one of them is to end, which aborts the signal, and what one wants. All must ask at the same places. */
  ask(wishes: StepWishes): AgreedStep;
}

/** What a process wants after a step. */
export interface StepWishes {
  /** Whether it wants to save. */
  readonly saves: boolean;
  /** Whether it wants to read the metrics of its last steps, upon which all may find that they aren't finite. */
  readonly reads: boolean;
}

/** What the processes have agreed on after a step: all do what one wants. */
export interface AgreedStep extends StepWishes {
  /** How long the step took; absent of a single process. */
  readonly times?: StepTimes | undefined;
}

/** Makes the agreement of processes. A single one ends as soon as its signal says so. */
export function createAgreement(
  processes: Communicator,
  signal: AbortSignal | undefined,
): Agreement {
  if (processes.size === 1) {
    return { processes, signal, step: (make) => make(), ask: (wishes) => wishes };
  }
  const { communicator, takeSeconds }: TimedCommunicator = timeWaiting(processes);
  const controller = new AbortController();
  let whole = 0;
  let busy = 0;
  return {
    processes: communicator,
    signal: controller.signal,
    step(make) {
      takeSeconds();
      const start = performance.now();
      const made = make();
      whole = (performance.now() - start) / 1000;
      busy = whole - takeSeconds();
      return made;
    },
    ask({ saves, reads }) {
      const own = [Number(signal?.aborted ?? false), Number(saves), Number(reads), busy];
      const all = gatherNumbers(Float64Array.from(own), communicator);
      const [ends, savers, readers, busyTimes] = own.map((_, which) =>
        all.filter((_, i) => i % own.length === which)
      );
      if (ends!.includes(1)) controller.abort();
      return {
        saves: savers!.includes(1),
        reads: readers!.includes(1),
        times: { whole, busy: [...busyTimes!] },
      };
    },
  };
}
