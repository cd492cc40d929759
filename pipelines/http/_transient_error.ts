/** A failure that another try may get over. */
export class TransientError extends Error {
  /** The status of the response that was refused, if there was one. */
  readonly status: number | undefined;
  /** How long the server asks to wait before the next try, in milliseconds. */
  readonly wait: number;

  constructor(
    reason: string,
    { cause, status, wait = 0 }: {
      cause?: unknown;
      status?: number | undefined;
      wait?: number;
    } = {},
  ) {
    super(reason, { cause });
    this.status = status;
    this.wait = wait;
  }
}

/** A response whose bytes cannot be joined to those of the responses before, which may be of another file. */
export class JoinError extends Error {
  /** The status of the response. */
  readonly status: number;
  /** Whether the file has changed, so that it isn't only the server that doesn't tell. */
  readonly changed: boolean;

  constructor(reason: string, { status, changed }: { status: number; changed: boolean }) {
    super(reason);
    this.status = status;
    this.changed = changed;
  }
}
