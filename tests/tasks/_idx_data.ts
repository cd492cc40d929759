import { encodeIdx } from "../pipelines/_helpers.ts";

/** Writes a data set of IDX files: twenty images to train on and as many to test on. */
export async function writeData(dir: string): Promise<string> {
  await Deno.mkdir(dir);
  for (const name of ["train", "t10k"]) {
    const labels = Uint8Array.from({ length: 20 }, (_, i) => i % 10);
    const data = new Uint8Array(20 * 784).map((_, i) => i % 251);
    await Deno.writeFile(
      `${dir}/${name}-images-idx3-ubyte`,
      encodeIdx({ type: "uint8", shape: [20, 28, 28], data }),
    );
    await Deno.writeFile(
      `${dir}/${name}-labels-idx1-ubyte`,
      encodeIdx({ type: "uint8", shape: [20], data: labels }),
    );
  }
  return `idx:${dir}`;
}
