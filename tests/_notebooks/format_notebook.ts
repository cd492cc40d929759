import { rootUrl } from "../_package/list_packed_files.ts";

/** What a cell of code gave. */
export interface Output {
  readonly output_type: string;
  /** The stream of what was printed. */
  readonly name?: string;
  /** What is displayed, by its media types. */
  readonly data?: Readonly<Record<string, unknown>>;
  /** What was printed. */
  readonly text?: string | readonly string[];
}

/** A cell of a notebook. */
export interface Cell {
  readonly id: string;
  readonly cell_type: "code" | "markdown";
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly source: string | readonly string[];
  readonly execution_count?: number | null;
  readonly outputs?: readonly Output[];
}

/** A notebook, as its file has it. */
export interface Notebook {
  readonly cells: readonly Cell[];
}

/** Gives the text of a cell, whose lines may be apart. */
export const joinLines = (text: string | readonly string[]): string => [text].flat().join("");

/**
 * Formats a notebook's code as a program that may lie anywhere, the cells of it one behind the other.
 *
 * @param path Its path in the project: a notebook imports from where it is.
 */
export const formatProgram = (path: string, { cells }: Notebook): string =>
  cells.filter(({ cell_type }) => cell_type === "code")
    .map(({ source }, i) => `// Cell ${i + 1} of ${path}\n${joinLines(source)}\n`)
    .join("\n")
    .replaceAll(
      /(?<=\bfrom ")\.\.?\/[^"]*/g,
      (found) => new URL(found, new URL(path, rootUrl)).href,
    );

/**
 * Formats a notebook so that the same content is the same bytes: keys in order, a line of the file for each line of text, and nothing of the
 * run that is another each time, such as when each cell began.
 */
export function formatNotebook({ cells }: Notebook): string {
  const notebook = {
    cells: cells.map((cell, i) => ({
      cell_type: cell.cell_type,
      id: `cell-${i + 1}`,
      metadata: {},
      source: splitLines(cell.source),
      ...cell.cell_type === "code" && {
        execution_count: cell.execution_count ?? null,
        outputs: (cell.outputs ?? []).map((output) => formatOutput(output)),
      },
    })),
    metadata: {
      kernelspec: { display_name: "Deno", language: "typescript", name: "deno" },
      language_info: {
        codemirror_mode: "typescript",
        file_extension: ".ts",
        mimetype: "text/x.typescript",
        name: "typescript",
        nbconvert_exporter: "script",
        pygments_lexer: "typescript",
      },
    },
    nbformat: 4,
    nbformat_minor: 5,
  };
  return `${JSON.stringify(sortKeys(notebook), null, 1)}\n`;
}

function formatOutput(output: Output): unknown {
  const { data, text } = output;
  return {
    ...output,
    ...data && {
      data: Object.fromEntries(
        Object.entries(data).map(([type, content]) => [
          type,
          isText(content) && !type.startsWith("image/png") ? splitLines(content) : content,
        ]),
      ),
    },
    ...text !== undefined && { text: splitLines(text) },
  };
}

const isText = (content: unknown): content is string | readonly string[] =>
  typeof content === "string" || Array.isArray(content);

/** Splits text behind its line breaks. */
const splitLines = (text: string | readonly string[]): string[] =>
  joinLines(text).split(/(?<=\n)/).filter((line) => line !== "");

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1);
  return Object.fromEntries(entries.map(([key, value]) => [key, sortKeys(value)]));
}

/**
 * Lists what kinds of output a cell gave, in order: which stream was printed to, and in which formats something was displayed. What
 * is printed in parts is one.
 */
export function listKinds({ outputs = [] }: Cell): string[] {
  const kinds = outputs.map(({ output_type, name, data }) =>
    data ? Object.keys(data).sort().join(" + ") : `${output_type} ${name ?? ""}`.trim()
  );
  return kinds.filter((kind, i) => kind !== kinds[i - 1] || !kind.startsWith("stream"));
}
