/** What a run's log tells: an event and its facts. */
export type RunEvent = { readonly event: string } & Readonly<Record<string, unknown>>;

/** The events of a run as a page needs them that is opened late. */
export interface EventHistory {
  /** Adds an event. A step or an epoch that was told before is that of a run that has gone back: what came after is forgotten. */
  add(event: RunEvent): void;
  /** Lists the events in order. */
  list(): readonly RunEvent[];
}

/**
 * Creates a history without events. Of a long run it forgets every other step when it holds too many, so that it never holds more;
 * other events, which are few, stay.
 *
 * @param most The most steps that it holds.
 */
export function createEventHistory(most = 4000): EventHistory {
  let events: RunEvent[] = [];
  let steps = 0;
  let last = 0;

  /** Keeps some of the events of steps. */
  function keepSteps(isKept: (step: number, index: number) => boolean): void {
    let index = 0;
    events = events.filter(({ event, step }) => event !== "step" || isKept(Number(step), index++));
    steps = events.filter(({ event }) => event === "step").length;
  }

  return {
    add(event) {
      if (event.event === "step") {
        const step = Number(event.step);
        if (step <= last) keepSteps((other) => other < step);
        last = step;
        if (steps >= most) keepSteps((_, index) => index % 2 === 1);
        steps++;
      } else if (event.event === "epoch") {
        events = events.filter((other) =>
          other.event !== "epoch" || Number(other.epoch) < Number(event.epoch)
        );
      }
      events.push(event);
    },
    list: () => events,
  };
}
