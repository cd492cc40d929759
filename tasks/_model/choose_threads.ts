import * as E from "fp-ts/lib/Either.js";
import type { Backend } from "../../models/mod.ts";
import { UsageError } from "../_cli/errors.ts";

/** Images of a batch for which a thread more pays. */
const IMAGES = 8;

/** The most threads that can be asked for. */
export const MOST_THREADS = 64;

/**
 * Chooses how many threads share each batch: as many as were asked for, else one a core of the processor as long as each
 * gets some images; fails if threads were asked for and a GPU computes.
 */
export function chooseThreads(
  given: number | undefined,
  backend: Pick<Backend, "name"> & Partial<Backend>,
  batchSize: number,
  cores: number = navigator.hardwareConcurrency,
): E.Either<UsageError, number> {
  if (backend.name === "wasm") {
    return E.right(
      given ?? Math.max(1, Math.min(cores, Math.floor(batchSize / IMAGES), MOST_THREADS)),
    );
  }
  if (given === undefined || given === 1) return E.right(1);
  return E.left(
    new UsageError(
      `Cannot use --threads ${given} on ${backend.description}: threads share the work on WASM only`,
    ),
  );
}
