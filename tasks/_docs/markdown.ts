import hljs from "highlight.js";
import { Marked } from "marked";
import { escapeText } from "../display/_markup.ts";
import { toAnchor } from "./guides.ts";

/** What becomes of the links and pictures of a page. */
export interface Targets {
  /** Gives a link's address in the site. */
  link(href: string): string;
  /** Gives a picture's, as data. */
  picture(href: string): string;
}

/** Renders a page of Markdown as HTML. */
export function renderMarkdown(text: string, targets: Targets): string {
  const marked = new Marked({ gfm: true });
  const seen = new Map<string, number>();
  let tables = 0;
  marked.use({
    renderer: {
      heading({ tokens, depth, text }) {
        const anchor = toAnchor(text.replaceAll("`", ""));
        const count = seen.get(anchor) ?? 0;
        seen.set(anchor, count + 1);
        const id = escapeText(count === 0 ? anchor : `${anchor}-${count}`);
        const content = this.parser.parseInline(tokens);
        return `<h${depth} id="${id}">${content}</h${depth}>\n`;
      },
      code({ text, lang = "" }) {
        return renderCode(text, lang.split(" ")[0] ?? "");
      },
      table(token) {
        const cell = (name: string, { tokens, align }: (typeof token.header)[number]) => {
          const style = align ? ` style="text-align: ${align}"` : "";
          const scope = name === "th" ? ' scope="col"' : "";
          const content = this.parser.parseInline(tokens);
          // A heading without text is none.
          const tag = name === "th" && content === "" ? "td" : name;
          return `<${tag}${tag === "th" ? scope : ""}${style}>${content}</${tag}>`;
        };
        const row = (name: string, cells: typeof token.header) =>
          `<tr>${cells.map((one) => cell(name, one)).join("")}</tr>`;
        return `<div class="scroll" tabindex="0" role="region" aria-label="Table ${++tables}"><table><thead>${
          row("th", token.header)
        }</thead><tbody>${
          token.rows.map((one) => row("td", one)).join("")
        }</tbody></table></div>\n`;
      },
      link({ href, title, tokens }) {
        const named = title ? ` title="${escapeText(title)}"` : "";
        const content = this.parser.parseInline(tokens);
        return `<a href="${escapeText(targets.link(href))}"${named}>${content}</a>`;
      },
      image({ href, text }) {
        return `<img src="${escapeText(targets.picture(href))}" alt="${escapeText(text)}">`;
      },
    },
  });
  return marked.parse(text, { async: false });
}

/** Renders code, coloured if its language is known. */
export function renderCode(text: string, language: string): string {
  const known = hljs.getLanguage(language);
  const content = known
    ? hljs.highlight(text, { language, ignoreIllegals: true }).value
    : escapeText(text);
  return `<pre tabindex="0"><code>${content}</code></pre>\n`;
}
