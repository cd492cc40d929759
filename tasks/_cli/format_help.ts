import { measureTerminal } from "../_text/terminal_line.ts";
import type { Flags } from "./flags.ts";
import { toFlagName } from "./parse_flags.ts";

/** The most columns of the text; a narrower terminal gets no more than it has. */
const WIDTH = 100;

/**
 * Formats the text of `--help`: usage, the task's purpose, and each flag with its default.
 *
 * @param usage How the task is called.
 * @param columns The columns that there are.
 */
export function formatHelp(
  usage: string,
  about: string,
  flags: Flags,
  columns: number = measureTerminal(),
): string {
  const width = Math.max(60, Math.min(WIDTH, columns));
  const rows = Object.entries(flags).map(([key, flag]) => {
    const name = flag.kind === "negatable" ? `[no-]${toFlagName(key)}` : toFlagName(key);
    return {
      left: flag.bare === undefined
        ? `  --${name}${flag.letter ? `, -${flag.letter}` : ""} ${flag.placeholder}`.trimEnd()
        : `  --${name}[=${flag.placeholder}]`,
      help: flag.help + (flag.shownDefault ? ` [${flag.shownDefault}]` : ""),
      section: flag.section,
    };
  });
  const indent = Math.min(
    Math.max(...rows.map(({ left }) => left.length)) + 2,
    34,
    Math.floor(0.45 * width),
  );
  const lines = rows.flatMap(({ left, help, section }, i) => {
    const heading = section === rows[i - 1]?.section ? [] : ["", ...section ? [`${section}:`] : []];
    const [first = "", ...rest] = wrapText(help, width - indent);
    const head = left.length + 2 > indent
      ? [left, " ".repeat(indent) + first]
      : [left.padEnd(indent) + first];
    return [...heading, ...head, ...rest.map((line) => " ".repeat(indent) + line)];
  });
  return [
    usage,
    "",
    ...wrapText(about, width),
    "",
    "Flags, with their defaults in brackets:",
    ...lines,
  ].join("\n");
}

function wrapText(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    const fits = last !== undefined && last.length + 1 + word.length <= width;
    lines.push(fits ? `${lines.pop()} ${word}` : word);
  }
  return lines;
}
