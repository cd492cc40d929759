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
