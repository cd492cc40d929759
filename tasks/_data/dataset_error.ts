/** What is wrong with one file of a data set. */
export interface FileProblem {
  /** The file's path. */
  readonly path: string;
  /** What was found, for people. */
  readonly found: string;
  /** The SHA-256 that the decompressed content must have. */
  readonly expectedSha256?: string;
  /** The SHA-256 that it has. */
  readonly actualSha256?: string;
  /** Where the file was moved, so that it is not taken for a good one again. */
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
