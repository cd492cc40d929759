/** Tells whether another try may get over a response of this status. */
export const isTransientStatus = (status: number): boolean =>
  status >= 500 || [408, 425, 429].includes(status);

/**
 * Tells whether another try would fail as this one of `fetch` did: redirects that go round in circles or lead out of
 * HTTP, and certificates. Engines give them the same class as a network's failures, and no code.
 */
export function isLasting(error: TypeError): boolean {
  const text = describeError(error).replace(/https?:\/\/\S+/g, "");
  return /redirect|URL scheme|Invalid URL|certificate/i.test(text);
}

/** An error's text, with that of its cause, which in Node has the facts. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { message, cause } = error;
  return cause instanceof Error && cause.message ? `${message}: ${cause.message}` : message;
}

/** Tells whether responses bring so little that the transfer would hardly end, though each brings something. */
export const bringTooLittle = (responses: number, bytes: number): boolean =>
  responses >= SMALL_RESPONSES + bytes / SMALL_RESPONSE;

/** How many bytes a response must bring, on average, after so many that may bring less. */
const SMALL_RESPONSE = 4096;
const SMALL_RESPONSES = 100;
