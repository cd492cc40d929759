/** A listener for requests to end the program. */
export interface Interrupt extends Disposable {
  /** Whether there was such a request. */
  readonly requested: boolean;
}

/** Listens for Ctrl-C and for SIGTERM. The second one ends the program at once. */
export function listenForInterrupt(onFirst: () => void): Interrupt {
  const signals: Deno.Signal[] = Deno.build.os === "windows" ? ["SIGINT"] : ["SIGINT", "SIGTERM"];
  let requested = false;
  const listen = () => {
    if (requested) Deno.exit(130);
    requested = true;
    onFirst();
  };
  for (const signal of signals) Deno.addSignalListener(signal, listen);
  return {
    get requested() {
      return requested;
    },
    [Symbol.dispose]() {
      for (const signal of signals) Deno.removeSignalListener(signal, listen);
    },
  };
}

/** Yields to the event loop, so that signals and timers get their turn between two steps that block it. */
export const yieldToEventLoop = (): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, 0));
