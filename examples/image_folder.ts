/**
 * From a folder of images to batches for a network: decode, augment, resize, normalize, and leave out what is broken.
 *
 * Run it with: deno run --allow-read --allow-write examples/image_folder.ts [FOLDER]
 *
 * FOLDER has a subfolder for each class. Without it the program makes a small one of its own.
 *
 * @module
 */
import { flow, pipe } from "fp-ts/lib/function.js";
import {
  batch,
  flipHorizontal,
  normalize,
  prefetch,
  readEpochs,
  resize,
  skipRecords,
  withRecordPolicy,
} from "@rill/rill/pipelines";
import { decodeImage } from "@rill/rill/pipelines/decode-image";
import { imageFolder } from "@rill/rill/pipelines/image-folder";

const dir = Deno.args[0] ?? await makeFolder();
const folder = await imageFolder(dir);
console.log(
  `${folder.length} files of ${folder.classes.length} classes: ${folder.classes.join(", ")}`,
);

// A file that can't be decoded is left out and reported; more than ten of them end the run.
const policy = skipRecords({ limit: 10, onSkip: ({ error }) => console.log(error.message) });
const prepare = flow(decodeImage({ channels: 3 }), resize({ height: 32, width: 32 }));

const batches = pipe(
  folder,
  readEpochs({ seed: 0, epochs: 2 }),
  withRecordPolicy(prepare, policy),
  flipHorizontal({ seed: 1 }),
  normalize({ mean: 0.5, std: 0.5 }),
  batch(4),
  prefetch(2),
);
let images = 0;
for await (const { images: { shape }, labels, size } of batches) {
  console.log(`${shape.join(" x ")}, labels ${[...labels].join(", ")}`);
  images += size;
}
console.log(`${images} images, ${policy.skipped} left out`);
if (Deno.args.length === 0) await Deno.remove(dir, { recursive: true });

/** Three PNG files of two pixels, and one that is none. */
async function makeFolder(): Promise<string> {
  const png = Uint8Array.fromBase64(
    "iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAAAAADRSSBWAAAAC0lEQVR4nGNg+A8AAQIBAEK+vGgAAAAASUVORK5CYII=",
  );
  const dir = await Deno.makeTempDir({ prefix: "rill-example-" });
  for (const name of ["bags", "boots"]) await Deno.mkdir(`${dir}/${name}`);
  await Deno.writeFile(`${dir}/bags/1.png`, png);
  await Deno.writeFile(`${dir}/bags/2.png`, png);
  await Deno.writeFile(`${dir}/boots/1.png`, png);
  await Deno.writeTextFile(`${dir}/boots/broken.png`, "not an image");
  return dir;
}
