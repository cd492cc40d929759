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

/** A line of a log. */
export type LogEvent = Readonly<Record<string, unknown>>;

/** What a whole log has. */
export interface ParsedLog {
  readonly events: readonly LogEvent[];
  /** The number of lines that are damaged; one at the end that a process has left unfinished is none of them. */
  readonly damaged: number;
  /** Whether the last line is unfinished. */
  readonly isTorn: boolean;
}

/** Parses a log, of a run that has ended or goes on. */
export function parseLog(bytes: Uint8Array): ParsedLog {
  const parsed = [...splitLines(bytes)].map(([line]) => parseEvent(line));
  const events = parsed.filter((event) => event !== undefined);
  const isTorn = bytes.length > 0 && bytes.at(-1) !== 10;
  return { events, damaged: parsed.length - events.length, isTorn };
}

/**
 * Reads a log up to where a run goes on: what it says of that, and what of it stays. The rest is to be made again. A last line
 * that a killed process has left unfinished belongs to the rest. That the run was saved as it was interrupted is no more to be told
 * once it goes on: one that nobody has interrupted wasn't saved there.
 *
 * @param position Where the run goes on; by default at its beginning.
 */
export function readLog(
  bytes: Uint8Array,
  position?: Pick<TrainingPosition, "epoch" | "step">,
): { readonly facts: LogFacts; readonly kept: Uint8Array } {
  let facts = NO_FACTS;
  const kept = new Uint8Array(bytes.length);
  let length = 0;
  let begin = 0;
  for (const [line, next] of splitLines(bytes)) {
    const event = parseEvent(line);
    if (event && isBeyond(event, position ?? { epoch: 0, step: 0 })) break;
    facts = event ? addEvent(facts, event) : { ...facts, damaged: facts.damaged + 1 };
    if (!event || !isOfInterrupt(event)) {
      kept.set(bytes.subarray(begin, next), length);
      length += next - begin;
    }
    begin = next;
  }
  return { facts, kept: kept.subarray(0, length) };
}

/** Tells whether an event is a save that was made only because the run ended there. */
const isOfInterrupt = ({ event, reason }: LogEvent): boolean =>
  event === "save" && (reason === "aborted" || reason === "steps");

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

function parseEvent(line: string): LogEvent | undefined {
  try {
    const event = JSON.parse(line);
    return typeof event?.event === "string" ? event : undefined;
  } catch {
    return undefined;
  }
}

/** Tells whether an event is of what comes after a position. */
function isBeyond(
  { event, step, epoch, reason }: LogEvent,
  position: Pick<TrainingPosition, "epoch" | "step">,
): boolean {
  if (event === "epoch") return Number(epoch) > position.epoch;
  if (event === "test") return true;
  // There may be one within the epoch after the same step.
  if (event === "save" && reason === "epoch" && Number(epoch) > position.epoch) return true;
  return event !== "run" && Number(step) > position.step;
}

function addEvent(facts: LogFacts, { event, seconds, data }: LogEvent): LogFacts {
  const { spec, fingerprint }: Record<string, unknown> = Object(data);
  if (event === "run" && typeof spec === "string" && typeof fingerprint === "string") {
    facts = { ...facts, data: { spec, fingerprint } };
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
  for (const event of parseLog(bytes).events) {
    if (event.event === "run") {
      untested = Number(event.testImages) > 0 && Number(event.validationImages) > 0;
    }
    if (event.event === "test") untested = false;
  }
  return untested;
}
