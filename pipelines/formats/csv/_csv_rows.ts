/** A row of fields, and the line that it begins on. */
export interface CsvRow {
  readonly fields: readonly string[];
  readonly line: number;
}

/** A problem of the text, and its line. */
export class CsvProblem extends Error {
  readonly line: number;

  constructor(reason: string, line: number) {
    super(reason);
    this.line = line;
  }
}

/**
 * Splits text, which comes in pieces of any length, into rows of fields. As in RFC 4180, a field may be in quotes and
 * then contain separators, line ends, and quotes written twice; a line ends with LF, CR LF or CR. Empty lines are left
 * out.
 */
export class CsvRows {
  /** The current line, from 1. */
  line = 1;
  readonly #separator: string;
  readonly #maxRowSize: number;
  readonly #special: RegExp;
  #state: State = "start";
  #fields: string[] = [];
  #field = "";
  /** How many characters the row has so far. */
  #size = 0;
  #rowLine = 1;
  #quoteLine = 1;
  /** Whether the text so far ends with a CR, whose LF may follow. */
  #afterReturn = false;

  constructor(separator: string, maxRowSize: number) {
    this.#separator = separator;
    this.#maxRowSize = maxRowSize;
    this.#special = new RegExp(`["\\r\\n${separator.replace(/[\]\\^-]/, "\\$&")}]`, "g");
  }

  /** Takes the next piece of text, and gives the rows that end in it. */
  *push(text: string): Generator<CsvRow, void, undefined> {
    let at = 0;
    if (this.#afterReturn && text !== "") {
      this.#afterReturn = false;
      if (text[0] === "\n") {
        at = 1;
        if (this.#state === "quoted") this.#add("\n");
      }
    }
    while (at < text.length) {
      if (this.#state === "quoted") {
        const end = this.#findInQuotes(text, at);
        this.#add(text.slice(at, end));
        at = end;
        if (at === text.length) return;
        if (text[at] === '"') {
          this.#state = "closed";
          at++;
        } else {
          at = this.#skipLineEnd(text, at, (end) => this.#add(end));
        }
        continue;
      }
      if (this.#state === "closed" && text[at] === '"') {
        this.#add('"');
        this.#state = "quoted";
        at++;
        continue;
      }
      this.#special.lastIndex = at;
      const end = this.#special.exec(text)?.index ?? text.length;
      if (end > at) {
        if (this.#state === "closed") {
          throw new CsvProblem("has text after a closing quote", this.line);
        }
        this.#add(text.slice(at, end));
        this.#state = "plain";
        at = end;
        if (at === text.length) return;
      }
      const character = text[at];
      if (character === this.#separator) {
        this.#endField();
        this.#add("");
        at++;
      } else if (character === '"') {
        if (this.#state !== "start") {
          throw new CsvProblem("has a quote within a field that is not in quotes", this.line);
        }
        this.#state = "quoted";
        this.#quoteLine = this.line;
        at++;
      } else {
        const row = this.#endRow();
        at = this.#skipLineEnd(text, at, () => {});
        this.#rowLine = this.line;
        if (row) yield row;
      }
    }
  }

  /** Gives the last row, if no line end follows it. */
  end(): CsvRow | undefined {
    if (this.#state === "quoted") {
      throw new CsvProblem("has a quote that is not closed", this.#quoteLine);
    }
    return this.#endRow();
  }

  /** Finds the next quote or line end of a field in quotes. */
  #findInQuotes(text: string, at: number): number {
    IN_QUOTES.lastIndex = at;
    return IN_QUOTES.exec(text)?.index ?? text.length;
  }

  #add(text: string): void {
    this.#field += text;
    this.#size += text.length + 1;
    if (this.#size <= this.#maxRowSize) return;
    throw new CsvProblem(`is of a row of more than ${this.#maxRowSize} characters`, this.#rowLine);
  }

  #endField(): void {
    this.#fields.push(this.#field);
    this.#field = "";
    this.#state = "start";
  }

  #endRow(): CsvRow | undefined {
    const isEmpty = this.#fields.length === 0 && this.#state === "start";
    this.#endField();
    const row = { fields: this.#fields, line: this.#rowLine };
    this.#fields = [];
    this.#size = 0;
    return isEmpty ? undefined : row;
  }

  /** Skips the line end at `at`, a part of which may be in the next piece. */
  #skipLineEnd(text: string, at: number, onEnd: (end: string) => void): number {
    this.line++;
    if (text[at] === "\n") {
      onEnd("\n");
      return at + 1;
    }
    this.#afterReturn = at + 1 === text.length;
    if (text[at + 1] !== "\n") {
      onEnd("\r");
      return at + 1;
    }
    onEnd("\r\n");
    return at + 2;
  }
}

/** The place in a row: before a field, in one, in one in quotes, or after its closing quote. */
type State = "start" | "plain" | "quoted" | "closed";

const IN_QUOTES = /["\r\n]/g;
