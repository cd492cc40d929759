import { CLOSED_OUTPUT_CODE, listenForClosedOutput } from "../_text/print.ts";

/** A listener for requests to end the program. */
export interface Interrupt extends Disposable {
  /** Whether there was such a request. */
  readonly requested: boolean;
  /**
   * The exit code of a program that the first signal ended: 130 for Ctrl-C, 143 for SIGTERM, 129 for SIGHUP;
   * 141 where nobody reads any more what it prints.
   */
  readonly code: number;
}

/** The numbers of the signals that ask a program to end. */
const SIGNALS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;

type EndSignal = keyof typeof SIGNALS;

/**
 * Listens for Ctrl-C, for SIGTERM, for the SIGHUP of a terminal that is closed, and for the end of the program that reads what
 * this one prints. Ctrl-C after that, or a second SIGTERM, ends the program at once. A second SIGHUP doesn't: the terminal sends one to the program, and `deno task` passes on its own.
 *
 * @param onFirst Called at the first of them.
 */
export function listenForInterrupt(onFirst: () => void): Interrupt {
  const signals: EndSignal[] = Deno.build.os === "windows"
    ? ["SIGINT"]
    : ["SIGHUP", "SIGINT", "SIGTERM"];
  const received = new Set<EndSignal>();
  let requested = false;
  let code: number = 128 + SIGNALS.SIGINT;
  const request = (asked: number) => {
    if (requested) return;
    requested = true;
    code = asked;
    onFirst();
  };
  const receive = (signal: EndSignal) => {
    const insists = signal === "SIGINT" ? requested : received.has(signal);
    if (insists && signal !== "SIGHUP") Deno.exit(128 + SIGNALS[signal]);
    received.add(signal);
    request(128 + SIGNALS[signal]);
  };
  const listeners = signals.map((signal) => {
    const listener = () => receive(signal);
    Deno.addSignalListener(signal, listener);
    return { signal, listener };
  });
  // Whoever has closed the pipe wants no more either, and what was done is to be saved.
  const closed = listenForClosedOutput(() => request(CLOSED_OUTPUT_CODE));
  return {
    get requested() {
      return requested;
    },
    get code() {
      return code;
    },
    [Symbol.dispose]() {
      closed[Symbol.dispose]();
      for (const { signal, listener } of listeners) Deno.removeSignalListener(signal, listener);
    },
  };
}
