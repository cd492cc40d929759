import { type DataSet, listSplits } from "./sets/data_set.ts";

/**
 * Describes a data set in one line: how it was named, how many images each split has, of how many classes, and what was left out.
 *
 * @param data The data as it is used.
 */
export function describeData(data: DataSet): string {
  const { spec, classes, leftOut = [] } = data;
  const counts = listSplits(data).map(([name, { length }]) =>
    `${length.toLocaleString("en-US")} ${name}`
  );
  const what = `${counts.join(" + ")} images of ${classes.length} ${
    classes.length === 1 ? "class" : "classes"
  }`;
  return `data: ${spec}, ${what}${leftOut.map((part) => `; left out ${part}`).join("")}`;
}
