import { escapeText } from "../display/_markup.ts";

/** Text that is HTML already. */
export class Html {
  constructor(readonly text: string) {}

  toString(): string {
    return this.text;
  }
}

/** What may stand in a template: text and numbers are escaped, HTML is taken as it is, lists follow on each other, nothing is nothing. */
export type HtmlValue = string | number | boolean | null | undefined | Html | readonly HtmlValue[];

/** Makes HTML from a template, in which every value is escaped that isn't HTML itself. */
export function html(parts: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  return new Html(
    parts.map((part, i) => part + (i < values.length ? format(values[i]) : "")).join(""),
  );
}

/** Takes text that is known to be HTML, such as a script's or a drawing's, as it is. */
export const trustHtml = (text: string): Html => new Html(text);

function format(value: HtmlValue): string {
  if (value === undefined || value === null || value === false || value === true) return "";
  if (value instanceof Html) return value.text;
  return Array.isArray(value) ? value.map(format).join("") : escapeText(String(value));
}

/** Encodes a value as JSON that can stand in a script element: nothing in it ends that. */
export const encodeScriptJson = (value: unknown): string =>
  JSON.stringify(value).replaceAll("<", "\\u003c").replaceAll("\u2028", "\\u2028")
    .replaceAll("\u2029", "\\u2029");

/**
 * Formats a function as the text of a script that calls it, for a page that has its script in it.
 *
 * The text is that of the function, since a published package can import no text: JSR refuses `with { type: "text" }` when it takes
 * the package, whatever `deno publish --dry-run` says, and a file beside the module would need the right to be fetched.
 *
 * @param run The function. It runs in the page, so it uses nothing of its module.
 * @param parts Functions likewise, with which it is called.
 */
export function formatScript<F extends readonly unknown[]>(
  run: (...parts: F) => void,
  ...parts: F
): string {
  return `(${run})(${parts.join(", ")});`;
}
