/** The tensors of a checkpoint that don't fit. */
export interface CheckpointErrorFacts {
  /** Names that the model needs and the checkpoint lacks. */
  readonly missing?: readonly string[];
  /** Names that the model doesn't know. */
  readonly extra?: readonly string[];
  /** Tensors of another shape than the model's. */
  readonly misshaped?: readonly {
    readonly name: string;
    readonly expected: readonly number[];
    readonly actual: readonly number[];
  }[];
}

/** A checkpoint cannot be read, or doesn't fit the model. */
export class CheckpointError extends Error {
  /** Names that the model needs and the checkpoint lacks. */
  readonly missing: NonNullable<CheckpointErrorFacts["missing"]>;
  /** Names that the model doesn't know. */
  readonly extra: NonNullable<CheckpointErrorFacts["extra"]>;
  /** Tensors of another shape than the model's. */
  readonly misshaped: NonNullable<CheckpointErrorFacts["misshaped"]>;

  /**
   * Makes the error.
   *
   * @param message The message.
   * @param facts The tensors that don't fit.
   */
  constructor(message: string, facts: CheckpointErrorFacts = {}) {
    super(message);
    this.name = "CheckpointError";
    this.missing = facts.missing ?? [];
    this.extra = facts.extra ?? [];
    this.misshaped = facts.misshaped ?? [];
  }

  /**
   * Says where the checkpoint came from.
   *
   * @example Usage
   * ```ts
   * import { assertEquals } from "@std/assert";
   * import { CheckpointError } from "@rill/rill/models";
   *
   * const error = new CheckpointError("Cannot load the parameters", { missing: ["bias"] });
   * const { message, missing } = error.withSource("weights.safetensors");
   * assertEquals(message, "weights.safetensors: Cannot load the parameters");
   * assertEquals(missing, ["bias"]);
   * ```
   *
   * @param source The file's path, or whatever people call the source.
   * @returns The error with the source in front of its message.
   */
  withSource(source: string): CheckpointError {
    return new CheckpointError(`${source}: ${this.message}`, this);
  }
}
