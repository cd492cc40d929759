// The kernels of optimizers: their names, by which operations ask tfjs for them, and their attributes.

/**
 * One update of several tensors by a rule, each number by itself: `parameter0, m0, v0, gradient0, parameter1, ...`, where the
 * names other than `gradient` are the attributes' `own`, with `scaling` in mixed precision, to the owned ones in the same order.
 * They may be updated in place.
 */
export const UPDATES = "RillUpdates";

/** The rules of `UPDATES`. The last one adds what stands in the gradient's place to a sum: `kept · sum + added · gradient`. */
export type UpdateRuleName =
  | "sgd"
  | "adam"
  | "rmsprop"
  | "adagrad"
  | "adadelta"
  | "mix";

/** Numbers by their names. */
export type Settings = Readonly<Record<string, number>>;

/** The attributes of `UPDATES`. */
export interface UpdateAttrs {
  readonly rule: UpdateRuleName;
  /** The names of the tensors that are updated, in the rule's order. Those that a rule can do without say which variant it is. */
  readonly own: readonly string[];
  /** The settings that are the same at each update. With `decay`, so much of the parameter is added to its gradient. */
  readonly settings: Settings;
  /**
   * The settings that depend on the update's number, four at most: of this update, and for scaled gradients of those before it,
   * the last first (see `MOST_SKIPPED`). With `keep`, the parameter is multiplied by it first.
   */
  readonly numbered: readonly [Settings, ...Settings[]];
  /** Whether gradients are as they are, though there is a state of loss scaling; an overflow that it tells of still stops all. */
  readonly unscaled?: boolean;
}

/**
 * The most skipped updates that aren't counted. The device alone knows how many were skipped, and the host alone what a setting
 * is for an update's number: so the host gives the settings of this update and of so many before it, and the device takes
 * those of its own number.
 */
export const MOST_SKIPPED = 255;

/** Notes in the state of loss scaling whether a gradient is infinite or NaN: `gradient0, gradient1, ..., scaling` to nothing. */
export const FIND_OVERFLOW = "RillFindOverflow";

/** Computes, after a step, the scale of the next one, in place: `scaling` to nothing. */
export const NEXT_SCALE = "RillNextScale";

/** The sum of the squares of all numbers of several tensors: `x0, x1, ...` to a scalar. */
export const SUM_OF_SQUARES = "RillSumOfSquares";

/** Collects numbered inputs, such as `m0, v0, m1, v1`, of which the first name says how many there are. */
export function collectNumbered<T>(
  inputs: Readonly<Record<string, T>>,
  names: readonly string[],
): Record<string, T>[] {
  const all: Record<string, T>[] = [];
  while (`${names[0]}${all.length}` in inputs) {
    all.push(Object.fromEntries(names.map((name) => {
      const input = inputs[`${name}${all.length}`];
      if (!input) throw new TypeError(`Cannot update tensor ${all.length} as it has no ${name}`);
      return [name, input];
    })));
  }
  return all;
}
