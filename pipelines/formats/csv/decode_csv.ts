/**
 * Tables decoded from CSV, row by row.
 *
 * @module
 */

import { checkInteger } from "../../_arguments/check_integer.ts";
import { CsvProblem, type CsvRow, CsvRows } from "./_csv_rows.ts";
import { pluralize } from "../../_arguments/text.ts";
import { CsvError } from "./csv_error.ts";
import type { Stage } from "../../stage/stage.ts";
import { stageOf } from "../../stage/stage_of.ts";

export { CsvError, type CsvProgress } from "./csv_error.ts";

/** Options of {@linkcode decodeCsv}. */
export interface DecodeCsvOptions<C extends string = string> {
  /**
   * The names of the columns to keep. If the first row has names, these must be among them; other columns are dropped.
   * Otherwise they are the names of all columns, from left to right.
   *
   * @default {all}
   */
  readonly columns?: readonly C[] | undefined;
  /**
   * Whether the first row has the names of the columns. If not, `columns` must have them.
   *
   * @default {true}
   */
  readonly header?: boolean;
  /**
   * The character between two fields.
   *
   * @default {","}
   */
  readonly separator?: string;
  /**
   * The most characters of a row. A longer one is refused, so that a quote that is never closed cannot ask for all of
   * the memory.
   *
   * @default {1048576}
   */
  readonly maxRowSize?: number;
  /** The name of the stream, for errors: a path or an address. */
  readonly source?: string | undefined;
}

/**
 * Decodes CSV from its bytes, which come in chunks of any size. Gives each row as a record from column to text. Holds
 * one chunk and one row.
 *
 * As in RFC 4180: a field may be in quotes and then contain separators, line ends, and quotes written twice. Lines end
 * with CR LF, LF or CR. The text is UTF-8, with or without a byte order mark. Empty lines are left out.
 *
 * @example Usage
 * ```ts
 * import { pipe } from "fp-ts/lib/function.js";
 * import { assertEquals } from "@std/assert";
 * import { collect, decodeCsv, map } from "@rill/rill/pipelines";
 *
 * const file = new Blob(["path,label\r\nboots/1.png,9\r\n\"bags, large/1.png\",8\r\n"]);
 * const items = pipe(
 *   file.stream(),
 *   decodeCsv({ columns: ["path", "label"] }),
 *   map(({ path, label }) => ({ path, label: Number(label) })),
 * );
 * assertEquals(await collect(items), [
 *   { path: "boots/1.png", label: 9 },
 *   { path: "bags, large/1.png", label: 8 },
 * ]);
 * ```
 *
 * @typeParam C The names of the columns.
 * @param options The columns, the notation of the table, and the limits.
 * @returns The stage. It fails with a {@linkcode CsvError} at a row with more or fewer fields than the table has
 * columns, a quote that is not closed or in the wrong place, text that is not UTF-8, and names that are missing or come
 * twice.
 * @throws {RangeError} When `maxRowSize` is not an integer of at least 1, or a name comes twice.
 * @throws {TypeError} When the columns have no names, or `separator` is not one character other than a quote or line
 * end.
 */
export function decodeCsv<const C extends string = string>(
  { columns, header = true, separator = ",", maxRowSize = 2 ** 20, source: name }: DecodeCsvOptions<
    C
  > = {},
): Stage<Uint8Array, Record<C, string>> {
  checkInteger(`decode CSV rows of up to ${maxRowSize} characters`, "maximum", maxRowSize, {
    min: 1,
  });
  if (separator.length !== 1 || '"\r\n'.includes(separator)) {
    throw new TypeError(
      `Cannot decode CSV separated by ${JSON.stringify(separator)}: ` +
        "the separator must be one character other than a quote or line end",
    );
  }
  if (!header && !columns?.length) {
    throw new TypeError(
      "Cannot decode CSV without names: give columns, or let the header have them",
    );
  }
  const wanted = columns && [...columns];
  const twice = wanted && findDuplicate(wanted);
  if (twice !== undefined) {
    throw new RangeError(
      `Cannot decode CSV as the column ${JSON.stringify(twice)} is asked for twice`,
    );
  }
  const options = { columns: wanted, header, separator, maxRowSize, source: name };
  return stageOf({ name: "decode", begin: ({ input }) => decodeRows(input, options) });
}

interface Options<C extends string>
  extends Required<Pick<DecodeCsvOptions<C>, "header" | "separator" | "maxRowSize">> {
  readonly columns: readonly C[] | undefined;
  readonly source: string | undefined;
}

async function* decodeRows<C extends string>(
  source: AsyncIterable<Uint8Array>,
  { columns, header, separator, maxRowSize, source: name }: Options<C>,
): AsyncGenerator<Record<C, string>, void, undefined> {
  const utf8 = new TextDecoder("utf-8", { fatal: true });
  const lines = new CsvRows(separator, maxRowSize);
  let rows = 0;
  const makeError = (reason: string, line: number, cause?: unknown): CsvError =>
    new CsvError(`line ${line} ${reason}`, { line, rows, source: name, cause });
  const decode = (bytes?: Uint8Array): string => {
    try {
      // A stream's memory may be shared by threads, which decoders refuse.
      const shared = bytes && !(bytes.buffer instanceof ArrayBuffer);
      return utf8.decode(shared ? new Uint8Array(bytes) : bytes, { stream: bytes !== undefined });
    } catch (cause) {
      throw makeError("or one soon after it is not UTF-8", lines.line, cause);
    }
  };
  const parse = <T>(fn: () => T): T => {
    try {
      return fn();
    } catch (error) {
      throw error instanceof CsvProblem ? makeError(error.message, error.line) : error;
    }
  };

  let table = header ? undefined : makeTable<C>(columns!, columns!);
  const read = ({ fields, line }: CsvRow): Record<C, string> | undefined => {
    if (!table) {
      const twice = findDuplicate(fields);
      if (twice !== undefined) throw makeError(`names the column ${quote(twice)} twice`, line);
      const missing = columns?.find((column) => !fields.includes(column));
      if (missing !== undefined) throw makeError(`names no column ${quote(missing)}`, line);
      table = makeTable(fields, columns ?? fields as readonly C[]);
      return undefined;
    }
    if (fields.length !== table.width) {
      throw makeError(
        `has ${pluralize(fields.length, "field")}: the table has ${
          pluralize(table.width, "column")
        }`,
        line,
      );
    }
    rows++;
    return Object.fromEntries(
      table.columns.map(([column, index]) => [column, fields[index]]),
    ) as Record<C, string>;
  };

  function* readRows(text: string, isLast: boolean): Generator<Record<C, string>, void, undefined> {
    const found = lines.push(text);
    for (let next; !(next = parse(() => found.next())).done;) {
      const row = read(next.value);
      if (row) yield row;
    }
    const last = isLast ? parse(() => lines.end()) : undefined;
    const row = last && read(last);
    if (row) yield row;
  }

  for await (const chunk of source) yield* readRows(decode(chunk), false);
  yield* readRows(decode(), true);
  if (!table && columns) throw makeError("does not name the columns: the stream is empty", 1);
}

/** The number of fields in a row, and the indices of those that are wanted. */
interface Table<C extends string> {
  readonly width: number;
  readonly columns: readonly (readonly [column: C, index: number])[];
}

const makeTable = <C extends string>(names: readonly string[], wanted: readonly C[]): Table<C> => ({
  width: names.length,
  columns: wanted.map((column) => [column, names.indexOf(column)]),
});

const findDuplicate = (names: readonly string[]): string | undefined =>
  names.find((name, i) => names.indexOf(name) !== i);

const quote = (name: string): string => JSON.stringify(name.slice(0, 100));
