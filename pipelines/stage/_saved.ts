import { type Position, PositionError, type PositionPart } from "./position.ts";

/** Reads a stage's part of a saved position, and checks all of it: it may come from a file. */
export class SavedPosition {
  readonly #stage: string;
  readonly #position: Position;

  /** @throws {PositionError} When the position is not one of this stage. */
  constructor(stage: string, position: Position) {
    this.#stage = stage;
    if (!isPosition(position)) throw this.refusal(`${show(position)} is not a position`);
    if (position.stage !== stage) {
      throw this.refusal(`the position is one of ${show(position.stage)}`);
    }
    this.#position = position;
  }

  /** Tells whether it has a part of that name. */
  has(name: string): boolean {
    return this.#position[name] !== undefined;
  }

  /** Reads an integer of at least 0. */
  count(name: string, max: number = Number.MAX_SAFE_INTEGER): number {
    const value = this.#position[name];
    if (typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= max) {
      return value;
    }
    const range = max === Number.MAX_SAFE_INTEGER ? "of at least 0" : `from 0 to ${max}`;
    throw this.refusal(
      `the ${name} of the position is ${show(value)}, not an integer ${range}`,
    );
  }

  /** Reads whatever there is. */
  value(name: string): PositionPart {
    const value = this.#position[name];
    if (value !== undefined) return value;
    throw this.refusal(`the ${name} of the position is missing`);
  }

  /** Refuses a position of a stage with other options. */
  expect(facts: Position): void {
    for (const [name, value] of Object.entries(facts)) {
      const found = this.#position[name];
      if (show(found) === show(value)) continue;
      throw this.refusal(`its ${name} is ${show(value)}, that of the position ${show(found)}`);
    }
  }

  /** Reads the position of a source. */
  part(name: string): Position {
    const value = this.#position[name];
    if (isPosition(value)) return value;
    throw this.refusal(`the ${name} of the position is ${show(value)}, which is not a position`);
  }

  /** Reads the positions of several sources: null for those that have ended. */
  parts(name: string, length: number): (Position | null)[] {
    const values = this.#position[name];
    if (!Array.isArray(values)) throw this.refusal(`the position has no ${name}`);
    if (values.length !== length) {
      throw this.refusal(`it has ${length} ${name}, the position ${values.length}`);
    }
    return values.map((value, i) => {
      if (value === null || isPosition(value)) return value;
      throw this.refusal(`${show(value)} is not a position of source ${i}`);
    });
  }

  /** Makes the error for a position that cannot be used. */
  refusal(reason: string): PositionError {
    return new PositionError(this.#stage, reason);
  }
}

const isPosition = (value: PositionPart | undefined): value is Position =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Writes a value for a message, cut where it is long. */
function show(value: PositionPart | undefined): string {
  const text = typeof value === "string" ? value : JSON.stringify(value) ?? "missing";
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}
