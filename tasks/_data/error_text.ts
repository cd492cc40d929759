/** The message of whatever was thrown, with the cause that `fetch` hides behind "fetch failed". */
export function errorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (!(error.cause instanceof Error)) return error.message;
  // "error sending request for url (...): client error (Connect): dns error: ...": the end says it.
  return error.cause.message.replace(/^.*?\): (client error \(\w+\): )?/, "");
}
