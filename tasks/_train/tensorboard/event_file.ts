import { formatError, UsageError } from "../../_cli/errors.ts";
import { joinPath } from "../../_files/files.ts";
import { exists, isFolder } from "../../_model/run_files.ts";
import { encodeEvent, encodeRecord, FILE_VERSION, type TensorboardEvent } from "./event_record.ts";

/** What events are written to. */
export type EventOutput = Pick<Deno.FsFile, "write" | "close">;

/** Takes events for TensorBoard. */
export interface EventFile {
  /** Takes an event, which is written beside what goes on. Never fails. */
  write(event: TensorboardEvent): void;
  /** Waits until all events are written, but not for long. Never fails. */
  close(): Promise<void>;
}

/** The most bytes that wait for a slow disk. */
const MOST_WAITING = 2 ** 20;

/** How long the end of a run waits for one, in milliseconds. */
const PATIENCE = 5000;

const TOO_SLOW = "the disk is too slow";

/**
 * Checks, before there is anything to write, that a folder may hold events.
 *
 * @throws {UsageError} If it is something else.
 */
export async function checkEventFolder(dir: string): Promise<void> {
  if (await isFolder(dir) || !await exists(dir)) return;
  throw new UsageError(`Cannot use --tensorboard ${dir} as it is not a folder`);
}

/**
 * Creates a file of events in a folder, behind those that are there: TensorBoard reads them in the order of their names.
 *
 * @param start The step that comes next. What older files tell of it and of later ones is void.
 * @param warn Takes a line if an event cannot be written. Then the run goes on without.
 * @throws {Error} If it can't be created.
 */
export async function createEventFile(
  dir: string,
  start: number,
  warn: (line: string) => void,
): Promise<EventFile> {
  try {
    await Deno.mkdir(dir, { recursive: true });
    const path = joinPath(dir, await nameFile(dir, Date.now()));
    return openEvents(await Deno.open(path, { write: true, createNew: true }), start, {
      path,
      warn,
    });
  } catch (error) {
    throw new Error(
      `Cannot write events for TensorBoard to ${dir} as the system refuses: ${formatError(error)}`,
      { cause: error },
    );
  }
}

/** Names a file of events so that it comes behind all that are there. */
async function nameFile(dir: string, time: number): Promise<string> {
  const format = (seconds: number, count: number) =>
    `events.out.tfevents.${seconds}.rill.${String(count).padStart(3, "0")}`;
  const names = await Array.fromAsync(Deno.readDir(dir), ({ name }) => name);
  const last = names.filter((name) => name.includes("tfevents")).sort().at(-1);
  const name = format(Math.floor(time / 1000), 0);
  if (last === undefined || last < name) return name;
  const [, seconds = NaN, count = NaN] = /\.(\d{10})\.rill\.(\d{3})$/.exec(last)?.map(Number) ?? [];
  // Another program's of a later time has no number to count on from.
  return Number.isNaN(seconds) ? `${last}.rill.000` : format(seconds, count + 1);
}

/** Begins a file of events. */
export function openEvents(
  file: EventOutput,
  start: number,
  { path, warn }: { readonly path: string; readonly warn: (line: string) => void },
): EventFile {
  let waiting: Uint8Array[] = [];
  let size = 0;
  let failed = false;
  let writing: Promise<void> | undefined;
  const fail = (reason: string) => {
    if (!failed) {
      warn(`warning: Cannot write events to ${path}, and goes on without: ${reason}`);
    }
    [failed, waiting, size] = [true, [], 0];
  };
  const drain = async () => {
    // What is told at once is written at once.
    await undefined;
    try {
      for (let record = waiting.shift(); record && !failed; record = waiting.shift()) {
        for (let at = 0; at < record.length;) at += await file.write(record.subarray(at));
        size -= record.length;
      }
    } catch (error) {
      fail(formatError(error));
    }
    writing = undefined;
  };
  const write = (event: TensorboardEvent) => {
    if (failed) return;
    const record = encodeRecord(encodeEvent(event));
    waiting.push(record);
    size += record.length;
    if (size > MOST_WAITING) return fail(TOO_SLOW);
    writing ??= drain();
  };
  const wallTime = Date.now() / 1000;
  write({ wallTime, fileVersion: FILE_VERSION });
  write({ wallTime, step: start, isStart: true });
  return {
    write,
    async close() {
      let timer: ReturnType<typeof setTimeout> | undefined;
      const patience = new Promise<void>((resolve) => timer = setTimeout(resolve, PATIENCE));
      await Promise.race([writing, patience]).finally(() => clearTimeout(timer));
      if (writing) fail(TOO_SLOW);
      failed = true;
      file.close();
    },
  };
}
