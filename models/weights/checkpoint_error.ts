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
   * @param message What could not be done, as what was found.
   * @param facts The tensors that don't fit.
   */
  constructor(message: string, facts: CheckpointErrorFacts = {}) {
    super(message);
    this.name = "CheckpointError";
    this.missing = facts.missing ?? [];
    this.extra = facts.extra ?? [];
    this.misshaped = facts.misshaped ?? [];
  }
}
