import { BackendError } from "../../models/backend/backend_error.ts";
import { toFlags } from "./to_flags.ts";

/** Gives the message of whatever was thrown, in one line. */
export function errorLine(error: unknown): string {
  return messageOf(error).trim().replace(/\s*\n\s*/g, " ");
}

function messageOf(error: unknown): string {
  if (error instanceof BackendError) return toFlags(error);
  return error instanceof Error ? error.message || error.name : String(error);
}
