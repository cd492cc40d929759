import { type RecordPolicy, skipRecords } from "../../../pipelines/workers/record_policy.ts";
import type { StoredRecord } from "../sets/data_set.ts";

/** What becomes of records that cannot be decoded, and what there is to say of them at the end. */
export interface BadRecords {
  /** The policy for `withRecordPolicy`; undefined where the first one is to fail the run. */
  readonly policy: RecordPolicy<StoredRecord> | undefined;
  /** The number of them so far; a record that is bad at each epoch counts once. */
  readonly count: number;
  /** What is wrong with the first five, by name. */
  readonly first: ReadonlyMap<string, string>;
  /** Formats a line that has their number and the first five; undefined if there are none. */
  format(): string | undefined;
}

/** How many bad records are named. */
const NAMED = 5;

/** Creates the keeper of bad records, for a whole run. */
export function createBadRecords(onBadRecord: "fail" | "skip"): BadRecords {
  const reasons = new Map<string, string>();
  const names = new Set<string>();
  const add = (record: unknown, error: Error): void => {
    const { path = error.message } = record as { path?: string };
    names.add(path);
    if (reasons.size < NAMED && !reasons.has(path)) reasons.set(path, describeBad(error));
  };
  const skip = skipRecords({ onSkip: ({ record, error }) => add(record, error) });
  return {
    policy: onBadRecord === "fail"
      ? undefined
      : (bad) => isUndecodable(bad.error) ? skip(bad) : "fail",
    get count() {
      return names.size;
    },
    first: reasons,
    format() {
      if (names.size === 0) return undefined;
      const shown = [...reasons].map(([name, reason]) => `${name} (${reason})`).join(", ");
      const more = names.size > reasons.size ? `, and ${names.size - reasons.size} more` : "";
      const what = names.size === 1 ? "1 record" : `${names.size} records`;
      return `warning: left out ${what} that cannot be used: ${shown}${more}`;
    },
  };
}

/** Tells whether an error is that of a picture that can't be decoded, and not of a stage behind, which skipping would hide. */
export function isUndecodable(error: unknown): boolean {
  // In a worker it was of that class, too.
  if (!(error instanceof Error)) return false;
  return error.name === "ImageError" || isUndecodable(error.cause);
}

/** Describes why a record is bad, without its name: of "Cannot decode image a.png as it is cut short" the end. */
export function describeBad(error: unknown): string {
  const isAround = error instanceof Error && error.name !== "ImageError" &&
    error.cause instanceof Error;
  const cause = isAround ? error.cause : error;
  const message = cause instanceof Error ? cause.message : String(cause);
  return message.replace(/^Cannot decode image (?:.*? )?as /s, "");
}
