import { dirname, resolve } from "node:path";
import { formatError, UsageError } from "../../_cli/errors.ts";
import type { TrainingPosition } from "../../../models/mod.ts";
import { isFolder } from "../../_model/run_files.ts";
import { type LogFacts, NO_FACTS, readLog } from "./run_log.ts";

/** Takes events, each an object, for a file of JSON lines. */
export interface JsonLog {
  write(event: { readonly event: string } & Record<string, unknown>): void;
  close(): void;
}

/** Makes a log that writes to several. */
export const joinLogs = (logs: readonly JsonLog[]): JsonLog => ({
  write: (event) => logs.forEach((log) => log.write(event)),
  close: () => logs.forEach((log) => log.close()),
});

/** A log that was opened, and what it has told before. */
export interface OpenedLog {
  readonly log: JsonLog;
  readonly facts: LogFacts;
}

/** The most bytes of a file that are read to tell whether it is a log. */
const FIRST_BYTES = 65536;

/**
 * Checks, before there is anything to write, that a file may become a log: that there is none yet, or one that is a log.
 *
 * @param out The folder of the run, which need not be there yet.
 * @throws {Error} If it is a folder, a file of something else, in a folder that is missing, or refused by the system.
 */
export async function checkJsonLog(path: string | undefined, out: string): Promise<void> {
  if (path === undefined) return;
  const found = await Deno.stat(path).catch((error) => {
    const { NotFound, NotADirectory } = Deno.errors;
    if (error instanceof NotFound || error instanceof NotADirectory) return undefined;
    throw createOpenError(path, error);
  });
  const dir = dirname(path);
  if (!found && resolve(dir) !== resolve(out) && !await isFolder(dir)) {
    throw new Error(`Cannot write the log ${path} as there is no such folder`);
  }
  if (found?.isDirectory) throw new UsageError(`Cannot use --log ${path} as it is a folder`);
  // A pipe or a terminal holds nothing that could be lost.
  if (!found?.isFile || found.size === 0 || await beginsAsLog(path)) return;
  throw new UsageError(
    `Cannot use --log ${path} as there is a file that is not a log: name another one`,
  );
}

const createOpenError = (path: string, cause: unknown): Error =>
  new Error(`Cannot write the log ${path} as the system refuses: ${formatError(cause)}`, { cause });

async function beginsAsLog(path: string): Promise<boolean> {
  using file = await Deno.open(path);
  const bytes = new Uint8Array(FIRST_BYTES);
  const [line = ""] = new TextDecoder().decode(bytes.subarray(0, await file.read(bytes) ?? 0))
    .split("\n");
  try {
    return typeof JSON.parse(line).event === "string";
  } catch {
    return false;
  }
}

/**
 * Opens a log. A run that goes on has what comes after it cut off: it makes that again. An event that cannot be written is left out: a
 * full disk must not end the run.
 *
 * @param position Where the run goes on; without it a log that is there is replaced.
 * @param warn Takes a line the first time that an event cannot be written.
 * @throws {Error} If the file cannot be opened.
 */
export async function openJsonLog(
  path: string,
  position: Pick<TrainingPosition, "epoch" | "step"> | undefined,
  warn: (line: string) => void,
): Promise<OpenedLog> {
  const refuse = (error: unknown) => {
    throw createOpenError(path, error);
  };
  const file = await Deno.open(path, { append: true, create: true }).catch(refuse);
  if (!(await file.stat()).isFile) {
    return { log: createJsonLog(file, { end: undefined, path, warn }), facts: NO_FACTS };
  }
  const { facts, end } = position
    ? readLog(await Deno.readFile(path).catch(refuse), position)
    : { facts: NO_FACTS, end: 0 };
  await file.truncate(end).catch(refuse);
  if (facts.damaged > 0) {
    warn(`warning: ${path} has ${facts.damaged} damaged line${facts.damaged === 1 ? "" : "s"}`);
  }
  return { log: createJsonLog(file, { end, path, warn }), facts };
}

/**
 * Creates a log that writes to a file.
 *
 * @param options Where the file ends, if it has an end: what was written of an event that failed is cut off there.
 */
export function createJsonLog(
  file: Pick<Deno.FsFile, "writeSync" | "truncateSync" | "close">,
  { end, path, warn }: {
    readonly end: number | undefined;
    readonly path: string;
    readonly warn: (line: string) => void;
  },
): JsonLog {
  const encoder = new TextEncoder();
  let warned = false;
  return {
    close: () => file.close(),
    write(event) {
      const line = encoder.encode(JSON.stringify(event) + "\n");
      try {
        for (let at = 0; at < line.length;) at += file.writeSync(line.subarray(at));
        if (end !== undefined) end += line.length;
      } catch (error) {
        if (!warned) {
          warn(`warning: Cannot write the log ${path}, and goes on without: ${formatError(error)}`);
        }
        warned = true;
        cutOff(file, end);
      }
    },
  };
}

function cutOff(file: Pick<Deno.FsFile, "truncateSync">, end: number | undefined): void {
  if (end === undefined) return;
  try {
    file.truncateSync(end);
  } catch {
    // The reason was told before.
  }
}
