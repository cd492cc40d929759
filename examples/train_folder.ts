/**
 * A trainer of one's own: a folder of pictures, on all cores, until it gets no better. The best network is saved with its classes.
 *
 * Run it with: deno run --allow-read --allow-write examples/train_folder.ts [FOLDER]
 *
 * FOLDER has a subfolder for each class; without it the program makes a small one. The network goes to its `best.safetensors`.
 *
 * @module
 */
import { flow, pipe } from "fp-ts/lib/function.js";
import * as models from "@rill/rill/models";
import * as data from "@rill/rill/pipelines";
import { decodeImage } from "@rill/rill/pipelines/decode-image";
import { imageFolder } from "@rill/rill/pipelines/image-folder";
import { makePictures } from "./pictures/make_pictures.ts";

/** The plan of the training. Each thread imports this module and calls this function. */
export default ({ classes }: { classes: number }): models.TrainingPlan => ({
  network: models.getOrThrow(
    models.build(models.lenet({ classes, activation: "relu" }), [28, 28, 3]),
  ),
  optimizer: models.adam({ learningRate: 0.002 }),
});

if (import.meta.main) {
  const dir = Deno.args[0] ?? await makePictures();
  const folder = await imageFolder(dir);
  const { classes, labels } = folder;
  const [train, validation] = data.splitIndexed({ fraction: 0.8, seed: 0, labels })(folder);
  const prepare = flow(decodeImage({ channels: 3 }), data.resize({ height: 28, width: 28 }));
  const finish = flow(data.normalize({ mean: 0.5, std: 0.5 }), data.batch(16), data.prefetch(2));
  await using backend = await models.openBackend("auto");
  const training = pipe(
    models.trainEpochs({
      backend,
      model: import.meta.url,
      options: { classes: classes.length },
      threads: backend.name === "wasm" ? navigator.hardwareConcurrency : 1,
      epochs: 50,
      train: ({ epoch, index }) =>
        pipe(
          train,
          data.readIndexed({ seed: 0, epoch, from: index }),
          flow(prepare, data.flipHorizontal(), finish),
        ),
      validate: () => pipe(validation, data.readIndexed(), prepare, finish),
    }),
    models.saveEach(async (checkpoint) => {
      if (!checkpoint.best) return;
      const file = models.encodeCheckpoint(checkpoint, { contents: "params", data: { classes } });
      await Deno.writeFile(`${dir}/best.safetensors`, ReadableStream.from(file));
    }),
    models.stopEarly({ patience: 3, minDelta: 0.01 }),
  );
  for await (const event of training) {
    if (event.kind !== "epoch") continue;
    console.log(`epoch ${event.epoch + 1}: accuracy ${event.validation?.accuracy.toFixed(2)}`);
  }
}
