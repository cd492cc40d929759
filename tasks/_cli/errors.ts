/** A command line that cannot be understood. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "UsageError";
  }
}

/** The message of whatever was thrown, in one line. */
export function formatError(error: unknown): string {
  const message = error instanceof Error ? error.message || error.name : String(error);
  return message.trim().replace(/\s*\n\s*/g, " ");
}
