// The files, and what else, that logs are written to.
import { dirname, resolve } from "node:path";
import { formatError, UsageError } from "../../_cli/errors.ts";
import { joinPath } from "../../_files/files.ts";
import { describeInWay, InWayError, isStillThere, openOwnFile } from "../../_files/own_file.ts";
import { isFolder, LOG } from "../../_model/run_files.ts";

/** What a log is written to. */
export type LogFile = Pick<Deno.FsFile, "writeSync" | "truncateSync" | "close">;

/** A log's file that was opened. */
export interface OpenedFile {
  readonly file: LogFile;
  /** Its path, without links; undefined for a pipe or a terminal, which hold nothing. */
  readonly path: string | undefined;
  /** Creates the file anew, if it is not there any more. */
  reopen(): LogFile | undefined;
}

/** What a log of ours begins with. */
const BEGINNING = '{"event":"run","rill":"';

/** Where the system has what a process prints. Deno opens no device, but has these two open. */
const STANDARD: Readonly<Record<string, Pick<LogFile, "writeSync">>> = {
  "/dev/stdout": Deno.stdout,
  "/dev/fd/1": Deno.stdout,
  "/proc/self/fd/1": Deno.stdout,
  "/dev/stderr": Deno.stderr,
  "/dev/fd/2": Deno.stderr,
  "/proc/self/fd/2": Deno.stderr,
};

/** How long the reader of a pipe may take to come, in milliseconds. */
const PIPE_TIMEOUT = 2000;

/**
 * Checks, before there is anything to write, that a file may become a log: that there is none yet, or one that is a log.
 *
 * @param out The folder of the run, which need not be there yet.
 * @throws {Error} If it is a folder, a file of something else, in a folder that is missing, or refused by the system.
 */
export async function checkJsonLog(path: string | undefined, out: string): Promise<void> {
  if (path === undefined || Object.hasOwn(STANDARD, path)) return;
  const found = await Deno.stat(path).catch((error) => {
    const { NotFound, NotADirectory } = Deno.errors;
    if (error instanceof NotFound || error instanceof NotADirectory) return undefined;
    throw explainDevice(path, error) ?? createOpenError(path, error);
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

/**
 * Checks that a run may have its log in a folder: that nothing else has its name.
 *
 * @param isOwn Whether the folder is the run's already.
 * @throws {UsageError} If something else has.
 */
export async function checkOwnLog(dir: string, isOwn: boolean): Promise<void> {
  const path = joinPath(dir, LOG);
  const found = await describeInWay(path);
  if (found !== undefined) throw new InWayError(path, found);
  if (isOwn || await beginsAsLog(path)) return;
  throw new UsageError(
    `Cannot save to ${dir} as its file ${LOG} is not a run's: move it away, or name another folder`,
  );
}

export const createOpenError = (path: string, cause: unknown): Error =>
  cause instanceof InWayError
    ? cause
    : new Error(`Cannot write the log ${path} as the system refuses: ${formatError(cause)}`, {
      cause,
    });

/** Tells whether a file is empty or missing, or begins as logs do, as far as it goes. The line may be of any length. */
async function beginsAsLog(path: string): Promise<boolean> {
  const expected = new TextEncoder().encode(BEGINNING);
  const bytes = new Uint8Array(expected.length);
  try {
    using file = await Deno.open(path);
    const count = await file.read(bytes) ?? 0;
    return bytes.subarray(0, count).every((byte, i) => byte === expected[i]);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return true;
    throw createOpenError(path, error);
  }
}

/**
 * Opens a file to which a log is appended, or a pipe that somebody reads.
 *
 * @param isOwn Whether it is the log in a run's folder: no link is followed from there.
 * @throws {Error} If that can't be.
 */
export async function openLogFile(path: string, isOwn: boolean): Promise<OpenedFile> {
  const standard = Object.hasOwn(STANDARD, path) ? STANDARD[path] : undefined;
  const noFile = { path: undefined, reopen: () => undefined };
  if (standard && !isOwn) {
    const writeSync = (bytes: Uint8Array) => standard.writeSync(bytes);
    return { file: { writeSync, truncateSync() {}, close() {} }, ...noFile };
  }
  let file = await (isOwn ? openOwnFile(path, { append: true }) : openNamed(path))
    .catch((error) => {
      throw error instanceof UsageError ? error : createOpenError(path, error);
    });
  if (!(await file.stat()).isFile) return { file, ...noFile };
  const real = await Deno.realPath(path);
  return {
    file,
    path: real,
    reopen() {
      if (isStillThere(file, real)) return undefined;
      file = Deno.openSync(real, { append: true, createNew: true });
      return file;
    },
  };
}

/** Opens what somebody has named, of whatever kind it is. */
async function openNamed(path: string): Promise<Deno.FsFile> {
  const found = await Deno.stat(path).catch(() => undefined);
  if (found?.isFifo) return await openPipe(path);
  return await Deno.open(path, { append: true, create: true }).catch((error) => {
    throw explainDevice(path, error) ?? error;
  });
}

/** Explains why a device can't be opened: Deno asks for a permission for it that no task has. */
const explainDevice = (path: string, error: unknown): UsageError | undefined =>
  error instanceof Deno.errors.NotCapable && error.message.includes("--allow-all")
    ? new UsageError(
      `Cannot use --log ${path} as Deno lets a task open no such device: ` +
        "name a file, a pipe, /dev/null or /dev/stdout",
    )
    : undefined;

/** Opens a pipe. The system waits for a reader, however long. */
async function openPipe(path: string): Promise<Deno.FsFile> {
  const opening = Deno.open(path, { append: true });
  let timer: ReturnType<typeof setTimeout> | undefined;
  const patience = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, PIPE_TIMEOUT);
  });
  const file = await Promise.race([opening, patience]).finally(() => clearTimeout(timer));
  if (file) return file;
  // A reader of our own gives free what waits.
  using _reader = await Deno.open(path, { read: true, write: true });
  (await opening).close();
  throw new UsageError(`Cannot use --log ${path} as it is a pipe that nobody reads`);
}
