import { type Backend, CommunicatorError } from "../../models/mod.ts";
import { StageError } from "../../pipelines/mod.ts";

/**
 * The error to show for one that ended a run: what the device reported, where that is the reason, and not that the stage
 * which computes could not go on. A rank is a thread here, and people count them from 1.
 */
export function explain(backend: Backend, error: unknown): unknown {
  const cause = error instanceof StageError && error.stage === "scan" ? error.cause : error;
  return backend.toBackendError(
    cause instanceof CommunicatorError
      ? new Error(`Cannot go on as thread ${cause.rank + 1} failed: ${cause.reason}`, { cause })
      : cause,
  );
}
