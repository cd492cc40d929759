import { encodeIdx } from "../pipelines/_helpers.ts";

/** How many images there are to train on, and as many to test on. */
export const IMAGES = 20;

/** Writes a data set of IDX files of ten classes, each of one tone, and gives how `--data` names it. */
export async function writeData(dir: string): Promise<string> {
  await Deno.mkdir(dir);
  for (const name of ["train", "t10k"]) {
    const labels = Uint8Array.from({ length: IMAGES }, (_, i) => i % 10);
    const data = Uint8Array.from(
      { length: IMAGES * 784 },
      (_, i) => 20 * (Math.floor(i / 784) % 10) + i % 29,
    );
    const images = encodeIdx({ type: "uint8", shape: [IMAGES, 28, 28], data });
    await Deno.writeFile(`${dir}/${name}-images-idx3-ubyte`, images);
    await Deno.writeFile(
      `${dir}/${name}-labels-idx1-ubyte`,
      encodeIdx({ type: "uint8", shape: [IMAGES], data: labels }),
    );
  }
  return `idx:${dir}`;
}
