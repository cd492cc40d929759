import { type Position, PositionError, type PositionPart } from "./position.ts";

/** A stage's part of a saved position. Whatever is asked of it is checked: it may come from a file. */
export class Saved {
  readonly #stage: string;
  readonly #position: Position;

  /** @throws {PositionError} When the position is not one of this stage. */
  constructor(stage: string, position: Position) {
    this.#stage = stage;
    if (!isPosition(position)) throw this.refusal(`${show(position)} is no position`);
    if (position.stage !== stage) {
      throw this.refusal(`the position is one of ${show(position.stage)}`);
    }
    this.#position = position;
  }

  has(name: string): boolean {
    return this.#position[name] !== undefined;
  }

  /** An integer. */
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

  /** Refuses a position of a stage with other options. */
  expect(facts: Position): void {
    for (const [name, value] of Object.entries(facts)) {
      const found = this.#position[name];
      if (show(found) === show(value)) continue;
      throw this.refusal(`its ${name} is ${show(value)}, that of the position ${show(found)}`);
    }
  }

  /** The position of a source. */
  part(name: string): Position {
    const value = this.#position[name];
    if (isPosition(value)) return value;
    throw this.refusal(`the ${name} of the position is ${show(value)}, which is no position`);
  }

  /** The positions of several sources; nothing for those that have ended. */
  parts(name: string, length: number): (Position | null)[] {
    const values = this.#position[name];
    if (!Array.isArray(values)) throw this.refusal(`the position has no ${name}`);
    if (values.length !== length) {
      throw this.refusal(`it has ${length} ${name}, the position ${values.length}`);
    }
    return values.map((value, i) => {
      if (value === null || isPosition(value)) return value;
      throw this.refusal(`${show(value)} is no position of source ${i}`);
    });
  }

  refusal(reason: string): PositionError {
    return new PositionError(this.#stage, reason);
  }
}

/** A stage's part of the position to start from, where there is one. */
export const readSaved = (stage: string, position: Position | undefined): Saved | undefined =>
  position === undefined ? undefined : new Saved(stage, position);

const isPosition = (value: PositionPart | undefined): value is Position =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** A value for a message, however long it is. */
function show(value: PositionPart | undefined): string {
  const text = typeof value === "string" ? value : JSON.stringify(value) ?? "missing";
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}
