/** A problem with one file of a data set. */
export interface FileProblem {
  /** The file's path. */
  readonly path: string;
  /** The finding, for people. */
  readonly found: string;
  /** The SHA-256 that the decompressed content must have. */
  readonly expectedSha256?: string;
  /** The SHA-256 that it has, if it was read to its end. */
  readonly actualSha256?: string;
  /** Whether its content was read and is wrong. */
  readonly isWrong?: boolean;
  /** The path to which the file was moved, so that no later run takes it for a good one. */
  readonly movedTo?: string;
}

/** A data set that cannot be found, fetched or read. */
export class DatasetError extends Error {
  /** The files that were looked at and refused. */
  readonly problems: readonly FileProblem[];

  constructor(
    message: string,
    { problems = [], cause }: { problems?: readonly FileProblem[]; cause?: unknown } = {},
  ) {
    super(message, { cause });
    this.name = "DatasetError";
    this.problems = problems;
  }
}

/** Formats a problem as one line. */
export const formatProblem = ({ path, found, movedTo }: FileProblem): string =>
  `${path} is refused: ${found}${movedTo ? ` (moved to ${movedTo})` : ""}`;

/** Formats whatever was thrown, by the cause that `fetch` hides behind "fetch failed" if there is one. */
export function formatCause(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (!(error.cause instanceof Error)) return error.message;
  // Of "error sending request for url (...): client error (Connect): dns error: ..." the end says it.
  return error.cause.message.replace(/^.*?\): (client error \(\w+\): )?/, "");
}
