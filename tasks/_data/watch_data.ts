import { type DataSet, listSplits } from "./open_data.ts";

/**
 * Watches the files of a run's data that each epoch reads anew, from now on.
 *
 * @param isCached Whether the training images are kept, so that they are read once.
 * @returns A function that looks for a change, and gives the line that warns of it, once.
 */
export async function watchData(
  data: Pick<DataSet, "spec" | "train" | "validation" | "test">,
  isCached: boolean,
): Promise<() => Promise<string | undefined>> {
  const splits = listSplits(data).filter(([name]) => !isCached || name !== "train");
  // A part that was held out is of the same files.
  const watched = new Set(splits.flatMap(([, { findChanged }]) => findChanged ?? []));
  const look = async () => (await Promise.all([...watched].map((find) => find()))).flat();
  await look();
  let isTold = false;
  return async () => {
    if (isTold) return undefined;
    const [first, ...others] = await look();
    if (first === undefined) return undefined;
    isTold = true;
    const more = others.length === 0 ? "" : ` and ${others.length} more`;
    return `warning: ${data.spec} has changed while the run reads it: ${first}${more}; ` +
      "if their contents are others, the run goes on with other images than it began with";
  };
}
