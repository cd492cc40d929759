import type { BackendError } from "../../models/backend/backend_error.ts";

/** Writes the message of a backend's error for people at a command line: with flags in the place of options. */
export function toFlags({ message, code, option }: BackendError): string {
  if (code === "out-of-memory") return `${message}: reduce --batch-size or --side`;
  if (code === "limit-exceeded") return `${message}; reduce --batch-size or --side`;
  return option === undefined
    ? message
    : message.replace(/\b(backend|kernels|precision) "([^"]*)"/g, "--$1 $2");
}
