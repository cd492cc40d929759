/** Where decoding a CSV stream came to its end. */
export interface CsvProgress {
  /** The line, from 1: that on which the row, or the quoted field, begins. */
  readonly line: number;
  /** How many rows were decoded, the one with the names not counted. */
  readonly rows: number;
  /** The name of the stream, where it was given one. */
  readonly source?: string;
  /** What went wrong further down. */
  readonly cause?: unknown;
}

/**
 * A stream that is not CSV, or not a table.
 *
 * @example Usage
 * ```ts
 * import { assertEquals, assertRejects } from "@std/assert";
 * import { CsvError, decodeCsv, drain } from "@rill/rill/pipelines";
 *
 * const ragged = new Blob(["path,label\na.png,1\nb.png\n"]).stream();
 * const error = await assertRejects(
 *   () => drain(decodeCsv({ source: "train.csv" })(ragged)),
 *   CsvError,
 *   "Cannot decode CSV stream train.csv as line 3 has 1 field: the table has 2 columns",
 * );
 * assertEquals([error.source, error.line, error.rows], ["train.csv", 3, 1]);
 * ```
 */
export class CsvError extends Error {
  /** The line, from 1: that on which the row, or the quoted field, begins. */
  readonly line: number;
  /** How many rows were decoded, the one with the names not counted. */
  readonly rows: number;
  /** The name of the stream, where it was given one. */
  readonly source?: string;

  /**
   * Makes an error of what was found.
   *
   * @param reason What was found, to go behind `Cannot decode CSV stream as`.
   * @param progress How far decoding came.
   */
  constructor(reason: string, { line, rows, source, cause }: CsvProgress) {
    const name = source === undefined ? "" : `${source} `;
    super(`Cannot decode CSV stream ${name}as ${reason}`, cause === undefined ? {} : { cause });
    this.name = "CsvError";
    this.line = line;
    this.rows = rows;
    this.source = source;
  }
}
