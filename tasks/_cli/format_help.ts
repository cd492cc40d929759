import type { Flags } from "./flags.ts";
import { toFlagName } from "./parse_flags.ts";

const WIDTH = 100;

/** Formats the text of `--help`: usage, the task's purpose, and each flag with its default. */
export function formatHelp(task: string, about: string, flags: Flags): string {
  const rows = Object.entries(flags).map(([key, flag]) => {
    const name = flag.kind === "negatable" ? `[no-]${toFlagName(key)}` : toFlagName(key);
    return {
      left: `  --${name}${flag.letter ? `, -${flag.letter}` : ""} ${flag.placeholder}`.trimEnd(),
      help: flag.help + (flag.shownDefault ? ` [${flag.shownDefault}]` : ""),
    };
  });
  const indent = Math.min(Math.max(...rows.map(({ left }) => left.length)) + 2, 34);
  const lines = rows.flatMap(({ left, help }) => {
    const [first = "", ...rest] = wrapText(help, WIDTH - indent);
    const head = left.length + 2 > indent
      ? [left, " ".repeat(indent) + first]
      : [left.padEnd(indent) + first];
    return [...head, ...rest.map((line) => " ".repeat(indent) + line)];
  });
  return [`deno task ${task} [flags]`, "", ...wrapText(about, WIDTH), "", ...lines].join("\n");
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
