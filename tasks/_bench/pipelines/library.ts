import type { ReadIndexedOptions } from "../../../pipelines/mod.ts";

/** The exports of `pipelines/`, of this checkout or of another. */
export type Library = typeof import("../../../pipelines/mod.ts");

/**
 * Loads the pipelines of a checkout, under the names of today where it has older ones: `every` became `tapEvery`, what
 * `normalize` takes as `deviation` became `std`, and `readIndexed` took the source first.
 *
 * @param checkout The address of the checkout's folder.
 */
export async function loadLibrary(checkout: URL): Promise<Library> {
  const { every, readIndexed, ...library } = await import(
    new URL("pipelines/mod.ts", checkout).href
  );
  return {
    tapEvery: every,
    ...library,
    normalize: ({ mean, std }: { mean: number; std: number }) =>
      library.normalize({ mean, std, deviation: std }),
    readIndexed: readIndexed.length === 0
      ? readIndexed
      : (options: ReadIndexedOptions) => (source: unknown) => readIndexed(source, options),
  };
}
