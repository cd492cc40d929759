/** What can be imported from `pipelines/`, of this checkout or of another. */
export type Library = typeof import("../../../pipelines/mod.ts");

/** Loads what a checkout has, and gives what has another name today that name too. */
export async function loadLibrary(checkout: URL): Promise<Library> {
  const { every, ...library } = await import(new URL("pipelines/mod.ts", checkout).href);
  return {
    tapEvery: every,
    ...library,
    normalize: ({ mean, std }: { mean: number; std: number }) =>
      library.normalize({ mean, std, deviation: std }),
  };
}
