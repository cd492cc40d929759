import { formatError } from "../../_cli/errors.ts";
import type { TrainingPosition } from "../../../models/mod.ts";
import { writeFileAtomically } from "../../_files/files.ts";
import { createOpenError, type LogFile, type OpenedFile, openLogFile } from "./log_file.ts";
import { type LogFacts, NO_FACTS, readLog } from "./run_log.ts";

/** Takes events, each an object, for a file of JSON lines. */
export interface JsonLog {
  write(event: { readonly event: string } & Record<string, unknown>): void;
  /** Begins the file again, with the line of the run, where it is not there any more. Never fails. */
  renew(): void;
  /** Ends it. What is written beside the run is waited for. */
  close(): void | Promise<void>;
}

/** Makes a log that writes to several. */
export const joinLogs = (logs: readonly JsonLog[]): JsonLog => ({
  write: (event) => logs.forEach((log) => log.write(event)),
  renew: () => logs.forEach((log) => log.renew()),
  close: async () => void await Promise.all(logs.map((log) => log.close())),
});

/** A log that was opened, and what it has told before. */
export interface OpenedLog {
  readonly log: JsonLog;
  readonly facts: LogFacts;
}

/** Options for {@linkcode openJsonLog}. */
export interface OpenLogOptions {
  /** Takes a line the first time that an event cannot be written. */
  readonly warn: (line: string) => void;
  /**
   * Whether it is the log in a run's folder: no link is followed from there.
   *
   * @default {false}
   */
  readonly isOwn?: boolean;
}

/**
 * Opens a log. A run that goes on has what comes after it cut off, as it makes that again, and what only tells where it was
 * interrupted. An event that cannot be written is left out: a full disk must not end the run.
 *
 * @param position Where the run goes on; without it a log that is there is replaced.
 * @throws {Error} If the file cannot be opened.
 */
export async function openJsonLog(
  path: string,
  position: Pick<TrainingPosition, "epoch" | "step"> | undefined,
  { warn, isOwn = false }: OpenLogOptions,
): Promise<OpenedLog> {
  const refuse = (error: unknown) => {
    throw createOpenError(path, error);
  };
  let opened = await openLogFile(path, isOwn);
  const create = (end: number | undefined) =>
    createJsonLog(opened.file, { end, path, warn, reopen: opened.reopen });
  if (opened.path === undefined) return { log: create(undefined), facts: NO_FACTS };
  const bytes = position && await Deno.readFile(opened.path).catch(refuse);
  const { facts, kept } = bytes
    ? readLog(bytes, position)
    : { facts: NO_FACTS, kept: new Uint8Array() };
  if (bytes && !isBeginning(kept, bytes)) {
    // As a whole: what is kept isn't to be lost.
    opened.file.close();
    await writeFileAtomically(opened.path, [kept]);
    opened = await openLogFile(path, isOwn);
  }
  try {
    opened.file.truncateSync(kept.length);
  } catch (error) {
    refuse(error);
  }
  if (facts.damaged > 0) {
    warn(`warning: ${path} has ${facts.damaged} damaged line${facts.damaged === 1 ? "" : "s"}`);
  }
  return { log: create(kept.length), facts };
}

const isBeginning = (part: Uint8Array, whole: Uint8Array): boolean =>
  part.every((byte, i) => byte === whole[i]);

/**
 * Creates a log that writes to a file.
 *
 * @param options Where the file ends, if it has an end: what was written of an event that failed is cut off there.
 */
export function createJsonLog(
  file: LogFile,
  { end, path, warn, reopen = () => undefined }: {
    readonly end: number | undefined;
    readonly path: string;
    readonly warn: (line: string) => void;
    readonly reopen?: OpenedFile["reopen"];
  },
): JsonLog {
  const encoder = new TextEncoder();
  /** The line that a log begins with. */
  let first: Uint8Array | undefined;
  let warned = false;
  const warnOf = (error: unknown) => {
    if (!warned) {
      warn(`warning: Cannot write the log ${path}, and goes on without: ${formatError(error)}`);
    }
    warned = true;
  };
  const writeLine = (line: Uint8Array) => {
    try {
      for (let at = 0; at < line.length;) at += file.writeSync(line.subarray(at));
      if (end !== undefined) end += line.length;
    } catch (error) {
      warnOf(error);
      cutOff(file, end);
    }
  };
  return {
    close: () => file.close(),
    renew() {
      try {
        const again = reopen();
        if (!again) return;
        file.close();
        [file, end] = [again, 0];
      } catch (error) {
        warnOf(error);
        return;
      }
      if (first) writeLine(first);
    },
    write(event) {
      const line = encoder.encode(JSON.stringify(event) + "\n");
      if (event.event === "run") first = line;
      writeLine(line);
    },
  };
}

function cutOff(file: LogFile, end: number | undefined): void {
  if (end === undefined) return;
  try {
    file.truncateSync(end);
  } catch {
    // The reason was told before.
  }
}
