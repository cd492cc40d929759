/** Throws a RangeError unless every label is the index of a class: backends take others for no class at all. */
export function checkLabels(labels: Int32Array, classes: number): void {
  const at = labels.findIndex((label) => label < 0 || label >= classes);
  if (at >= 0) {
    throw new RangeError(
      `Cannot take label ${labels[at]} of example ${at} for a class: there are ${classes}, from 0`,
    );
  }
}
