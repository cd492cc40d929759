/** A source that can read some of its items and none of the others. */
export interface Selectable<T> {
  /** How many items it has. */
  readonly length: number;
  /** Makes the source of so many of its items: those at the places that a function gives, in ascending order. */
  select(count: number, placeOf: (index: number) => number): AsyncIterable<T>;
}

const SELECTABLE = Symbol.for("rill.selectable");

/** Finds how some of an iterable's items are read. */
export const findSelectable = <T>(source: AsyncIterable<T>): Selectable<T> | undefined =>
  (source as { readonly [SELECTABLE]?: Selectable<T> })[SELECTABLE];

/** Makes it known of a source. */
export const markSelectable = <T>(
  source: AsyncIterable<T>,
  selectable: Selectable<T>,
): AsyncIterable<T> => Object.defineProperty(source, SELECTABLE, { value: selectable });
