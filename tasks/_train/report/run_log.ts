import type { TrainingPosition } from "../../../models/mod.ts";

/** What a run's log tells of the part of the run that stays. */
export interface LogFacts {
  /** The seconds that it took. */
  readonly seconds: number;
  /** The seconds that the epoch under way took of them. */
  readonly epochSeconds: number;
  /** The data that the run was on last, and the fingerprint of its files. */
  readonly data?: { readonly spec: string; readonly fingerprint: string };
  /** Whether it tells that the run has gone back, with half the learning rate. */
  readonly retried: boolean;
  /** The number of lines that are damaged. */
  readonly damaged: number;
}

/** What is known of a run without a log. */
export const NO_FACTS: LogFacts = { seconds: 0, epochSeconds: 0, retried: false, damaged: 0 };

type Event = Readonly<Record<string, unknown>>;

/**
 * Reads a log up to where a run goes on: what it says of that, and where the rest begins, which is to be made again. A last line
 * that a killed process has left unfinished belongs to the rest.
 *
 * @param position Where the run goes on; by default at its beginning.
 */
export function readLog(
  bytes: Uint8Array,
  position?: Pick<TrainingPosition, "epoch" | "step">,
): { readonly facts: LogFacts; readonly end: number } {
  let facts = NO_FACTS;
  let end = 0;
  for (const [line, next] of splitLines(bytes)) {
    const event = parseEvent(line);
    if (event && isBeyond(event, position ?? { epoch: 0, step: 0 })) break;
    facts = event ? addEvent(facts, event) : { ...facts, damaged: facts.damaged + 1 };
    end = next;
  }
  return { facts, end };
}

/** Splits bytes into whole lines, each with where the next one begins. */
function* splitLines(
  bytes: Uint8Array,
): Generator<readonly [line: string, next: number], void, undefined> {
  const decoder = new TextDecoder();
  for (let at = 0;;) {
    const newline = bytes.indexOf(10, at);
    if (newline < 0) return;
    yield [decoder.decode(bytes.subarray(at, newline)), newline + 1];
    at = newline + 1;
  }
}

function parseEvent(line: string): Event | undefined {
  try {
    const event = JSON.parse(line);
    return typeof event?.event === "string" ? event : undefined;
  } catch {
    return undefined;
  }
}

/** Tells whether an event is of what comes after a position. */
function isBeyond(
  { event, step, epoch }: Event,
  position: Pick<TrainingPosition, "epoch" | "step">,
): boolean {
  if (event === "epoch") return Number(epoch) > position.epoch;
  if (event === "test") return true;
  // Of a save within an epoch and one at its end, after the same step, the second is of the next epoch.
  if (event === "save" && Number(epoch) > position.epoch + 1) return true;
  return event !== "run" && Number(step) > position.step;
}

function addEvent(facts: LogFacts, { event, seconds, data }: Event): LogFacts {
  const { spec, fingerprint }: Record<string, unknown> = Object(data);
  if (event === "run" && typeof spec === "string" && typeof fingerprint === "string") {
    return { ...facts, data: { spec, fingerprint } };
  }
  if (event === "retry") return { ...facts, retried: true };
  if (typeof seconds !== "number") return facts;
  // Damaged, they could be anything.
  const spent = Math.max(0, seconds - facts.seconds);
  return {
    ...facts,
    seconds: facts.seconds + spent,
    epochSeconds: event === "epoch" ? 0 : facts.epochSeconds + spent,
  };
}

/** Tells whether a run that has made all its epochs has still to score its best on the test images, by its log. */
export function isUntested(bytes: Uint8Array): boolean {
  let untested = false;
  for (const [line] of splitLines(bytes)) {
    const event = parseEvent(line);
    if (event?.event === "run") {
      untested = Number(event.testImages) > 0 && Number(event.validationImages) > 0;
    }
    if (event?.event === "test") untested = false;
  }
  return untested;
}
