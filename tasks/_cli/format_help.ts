import type { Flag } from "./flags.ts";
import { toFlagName } from "./parse_flags.ts";

const WIDTH = 100;

/** What `--help` prints: usage, what the task does, and each flag with its default. */
export function formatHelp(
  task: string,
  about: string,
  flags: Readonly<Record<string, Flag<unknown>>>,
): string {
  const rows = Object.entries(flags).map(([key, flag]) => {
    const name = flag.kind === "negatable" ? `[no-]${toFlagName(key)}` : toFlagName(key);
    return {
      left: `  --${name} ${flag.placeholder}`.trimEnd(),
      help: flag.help + (flag.shownDefault ? ` [${flag.shownDefault}]` : ""),
    };
  });
  const indent = Math.min(Math.max(...rows.map(({ left }) => left.length)) + 2, 34);
  const lines = rows.flatMap(({ left, help }) => {
    const [first, ...rest] = wrap(help, WIDTH - indent);
    const head = left.length + 2 > indent
      ? [left, " ".repeat(indent) + first]
      : [left.padEnd(indent) + first];
    return [...head, ...rest.map((line) => " ".repeat(indent) + line)];
  });
  return [`deno task ${task} [flags]`, "", ...wrap(about, WIDTH), "", ...lines].join("\n");
}

function wrap(text: string, width: number): string[] {
  const lines = [""];
  for (const word of text.split(" ")) {
    const last = lines[lines.length - 1];
    if (last !== "" && last.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = last === "" ? word : `${last} ${word}`;
  }
  return lines;
}
