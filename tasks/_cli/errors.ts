import * as E from "fp-ts/lib/Either.js";
import { identity, pipe } from "fp-ts/lib/function.js";
import * as TE from "fp-ts/lib/TaskEither.js";
import { BackendError } from "../../models/backend/backend_error.ts";
import { CommunicatorError } from "../../models/parallel/communicator.ts";
import { StageError } from "../../pipelines/stage/stage_error.ts";
import { NotFiniteError } from "../../models/training/threads/training_error.ts";

/** A command line that cannot be understood, or flags that don't go together. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "UsageError";
  }
}

/** Whether an error is about how a task was used, and not about what it met: its exit code is 2 then. */
export const isUsageError = (error: Error): boolean =>
  error instanceof UsageError ||
  (error instanceof BackendError && error.code === "precision-unsupported");

/** Formats whatever was thrown as one line. A file's or tensor's name in it may have characters that control a terminal. */
export function formatError(error: unknown): string {
  return escapeControls(getMessage(error).trim().replace(/\s*\n\s*/g, " "));
}

/** Writes the characters of a text that would control a terminal by their numbers. */
export const escapeControls = (text: string): string =>
  text.replace(
    /\p{Cc}/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );

function getMessage(error: unknown): string {
  if (error instanceof BackendError) return nameFlags(error);
  if (error instanceof NotFiniteError) {
    return error.message.replace("a lower learning rate", "a lower --learning-rate");
  }
  if (!(error instanceof Error)) return String(error);
  // What another rank has met comes as a text.
  if (error instanceof CommunicatorError) return explainPicture(error.message);
  if (error instanceof StageError && error.cause instanceof Error) {
    if (error.cause.name === "ImageError") return explainPicture(error.message);
  }
  return error.message || error.name;
}

/** Says of a picture that can't be decoded how to go on without it. Where it has a name, its place in an order that is random says nothing. */
const explainPicture = (message: string): string =>
  message.includes("Cannot decode image ")
    ? `${
      message.replace(/Cannot [\w ]+ item \d+: (?=Cannot decode image (?!as ))/, "")
    }; --on-bad-record skip leaves such pictures out`
    : message;

/** Writes the message of a backend's error with flags in the place of options. */
function nameFlags({ message, code, option }: BackendError): string {
  if (code === "out-of-memory") return `${message}: reduce --batch-size or --side`;
  if (code === "limit-exceeded") return `${message}; reduce --batch-size or --side`;
  return option === undefined
    ? message
    : message.replace(/\b(backend|kernels|precision) "([^"]*)"/g, "--$1 $2");
}

/**
 * Quotes a path for the command line of a hint, where a shell needs it.
 *
 * @param path A path; one that begins with `-` is written so that it isn't taken for a flag.
 */
export function quotePath(path: string, os: typeof Deno.build.os = Deno.build.os): string {
  const word = path.startsWith("-") ? `./${path}` : path;
  if (os === "windows") return /^[\w@%+=:,./\\~-]+$/.test(word) ? word : `"${word}"`;
  return /^[\w@%+=:,./][\w@%+=:,./~-]*$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** Turns code that fails by throwing into a `TaskEither`. */
export const attempt = <A>(body: () => Promise<A>): TE.TaskEither<Error, A> =>
  TE.tryCatch(body, E.toError);

/** Adds what is thrown on the way to the errors of a `TaskEither`. */
export const catchThrown = <A>(
  body: () => TE.TaskEither<Error, A>,
): TE.TaskEither<Error, A> => pipe(attempt(() => body()()), TE.chainEitherK(identity));
