/** Labels as numbers, and the names of their classes. */
export interface NamedLabels {
  readonly classes: readonly string[];
  readonly labels: Int32Array<ArrayBuffer>;
}

/**
 * Numbers labels that are texts: in the order of the numbers where all are integers, otherwise by code points, as folders are.
 *
 * @param texts The label of each record.
 */
export function nameClasses(texts: readonly string[]): NamedLabels {
  const distinct = [...new Set(texts)];
  const areNumbers = distinct.every((text) => /^\d{1,9}$/.test(text));
  const classes = areNumbers
    ? distinct.sort((a, b) => Number(a) - Number(b))
    : distinct.sort(compareCodePoints);
  const numbers = new Map(classes.map((name, index) => [name, index]));
  return { classes, labels: Int32Array.from(texts, (text) => numbers.get(text)!) };
}

/**
 * Takes labels that are indices into given names.
 *
 * @returns The labels, or the text of the first that is neither a name nor an index.
 */
export function indexClasses(
  texts: readonly string[],
  classes: readonly string[],
): NamedLabels | string {
  const numbers = new Map(classes.map((name, index) => [name, index]));
  const labels = new Int32Array(texts.length);
  for (const [i, text] of texts.entries()) {
    const index = numbers.get(text) ?? (/^\d+$/.test(text) ? Number(text) : -1);
    if (index < 0 || index >= classes.length) return text;
    labels[i] = index;
  }
  return { classes, labels };
}

/** Compares texts by code points, as the classes of folders are sorted. */
function compareCodePoints(a: string, b: string): number {
  const [x, y] = [[...a], [...b]];
  const at = x.findIndex((character, i) => character !== y[i]);
  if (at < 0 || y[at] === undefined) return x.length - y.length;
  return x[at]!.codePointAt(0)! - y[at]!.codePointAt(0)!;
}
