// How the program was called: by `deno task NAME` in a checkout, or as `rill NAME`, the one program with all tasks.
import { isAbsolute, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { quotePath } from "./errors.ts";

/** The program that runs, and where it runs. */
export interface Program {
  /** The address of the program; by default that of the one that runs. */
  readonly main?: string;
  /** The folder of `deno.json`, where the tasks lie in files. */
  readonly checkout?: string | undefined;
  /** The folder in which the person stands, where it is known. */
  readonly folder?: string | undefined;
}

/** Tells whether the program that runs is the one with all tasks: a file, or the package's entry point. */
const hasAllTasks = (main: string): boolean =>
  /\/tasks\/cli\.ts$|^jsr:\/?@rill\/rill(?:@[^/]*)?\/cli$/.test(main);

/**
 * Formats a command line of ours as the person who reads it would type it: `deno task train` in a checkout, with its `deno.json`
 * where the person stands elsewhere, or `rill train` without one.
 *
 * @param words What follows: the name of a task, and its flags.
 * @param program The program, and the folders.
 */
export function formatCommand(
  words: string,
  { main = Deno.mainModule, checkout = findCheckout(), folder = findFolder() }: Program = {},
): string {
  if (hasAllTasks(main)) return `rill ${words}`;
  const config = checkout !== undefined && folder !== undefined && findConfig(checkout, folder);
  return `deno task ${config ? `--config ${quotePath(config)} ` : ""}${words}`;
}

/** Finds the path of the checkout's `deno.json` as `deno task` must be told it; `undefined` inside of the checkout. */
function findConfig(checkout: string, folder: string): string | undefined {
  const way = relative(checkout, folder);
  const isInside = !isAbsolute(way) && way.split(/[/\\]/)[0] !== "..";
  return isInside ? undefined : relative(folder, `${checkout}/deno.json`).replaceAll("\\", "/");
}

const findCheckout = (): string | undefined => {
  const { protocol, href } = new URL("../../", import.meta.url);
  return protocol === "file:" ? fileURLToPath(href) : undefined;
};

const findFolder = (): string | undefined =>
  Deno.permissions.querySync({ name: "read" }).state === "granted" ? Deno.cwd() : undefined;

/** Gets the command line of the task that runs: what follows its name. */
export const getTaskArgs = (
  args: readonly string[] = Deno.args,
  main: string = Deno.mainModule,
): readonly string[] => hasAllTasks(main) ? args.slice(1) : args;
