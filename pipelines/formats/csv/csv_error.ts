/** The place at which decoding a CSV stream failed. */
export interface CsvProgress {
  /** The line, from 1, on which the row or the quoted field begins. */
  readonly line: number;
  /** How many rows were decoded, without the row of names. */
  readonly rows: number;
  /** The name of the stream, if it has one. */
  readonly source?: string | undefined;
  /** The error that led to this one. */
  readonly cause?: unknown;
}

/**
 * An error about a stream that is not CSV, or not a table.
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
  /** The line, from 1, on which the row or the quoted field begins. */
  readonly line: number;
  /** How many rows were decoded, without the row of names. */
  readonly rows: number;
  /** The name of the stream, if it has one. */
  readonly source: string | undefined;

  /**
   * Makes the error.
   *
   * @param reason The reason, which follows `Cannot decode CSV stream as`.
   * @param progress The place in the stream.
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
