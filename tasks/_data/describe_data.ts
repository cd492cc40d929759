import { type DataSet, listSplits } from "./sets/data_set.ts";

/** Counts classes in words. */
export const countClasses = (count: number): string =>
  `${count} ${count === 1 ? "class" : "classes"}`;

/**
 * Describes a data set in one line: how it was named, how many images each split has, of how many classes, and what was left out.
 *
 * @param data The data as it is used.
 */
export function describeData(data: DataSet): string {
  const { spec, classes, leftOut = [] } = data;
  const splits = listSplits(data);
  const counts = splits.map(([name, { length }]) =>
    // Of what isn't divided nobody has said that it is to train on.
    length.toLocaleString("en-US") + (splits.length === 1 ? "" : ` ${name}`)
  );
  const what = `${counts.join(" + ")} images of ${countClasses(classes.length)}`;
  return `data: ${spec}, ${what}${leftOut.map((part) => `; left out ${part}`).join("")}`;
}
