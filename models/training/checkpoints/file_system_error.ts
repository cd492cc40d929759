/**
 * The error of a file system that checkpoints are kept on.
 *
 * @module
 */

/** A file of a store can't be read, written, or whatever was to be done with it. */
export class FileSystemError extends Error {
  /** What could not be done, such as `write`. */
  readonly action: string;
  /** The file's name, or what else is named in the message. */
  readonly file: string;

  /**
   * Makes the error.
   *
   * @param action What could not be done.
   * @param file The file's name.
   * @param cause What the file system failed with.
   */
  constructor(action: string, file: string, cause: unknown) {
    const found = cause instanceof Error ? cause.message || cause.name : String(cause);
    super(`Cannot ${action} ${file}: ${found}`, { cause });
    this.name = "FileSystemError";
    this.action = action;
    this.file = file;
  }
}
