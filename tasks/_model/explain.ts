import type { Backend } from "../../models/mod.ts";
import { StageError } from "../../pipelines/mod.ts";

/**
 * The error to show for one that ended a run: what the device reported, where that is the reason, and not that the stage
 * which computes could not go on.
 */
export const explain = (backend: Backend, error: unknown): unknown =>
  backend.explain(error instanceof StageError && error.stage === "scan" ? error.cause : error);
