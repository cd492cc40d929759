// A page that trains: examples through stages, and the events of a training.
import { pipe } from "fp-ts/lib/function.js";
import * as rill from "@rill/rill/models";
import { batch, flipHorizontal, idxExamples, readIndexed, withSeed } from "@rill/rill/pipelines";

const stream = async (name: string) => (await fetch(`fashion-mnist/${name}`)).body!;
const examples = await idxExamples({
  images: await stream("train-images-idx3-ubyte.gz"),
  labels: await stream("train-labels-idx1-ubyte.gz"),
});
const backend = await rill.openBackend();
const training = rill.trainEpochs({
  backend,
  model: {
    network: rill.getOrThrow(rill.build(rill.lenet({ activation: "relu" }), [28, 28, 1])),
    optimizer: rill.adam({ learningRate: 0.001 }),
    input: rill.imageInput(),
  },
  epochs: 10,
  train: ({ epoch, index }) =>
    pipe(
      examples,
      readIndexed({ seed: 0, epoch, from: index }),
      withSeed({ seed: 0, epoch }),
      flipHorizontal(),
      batch(128),
    ),
});
for await (const event of rill.saveEach(download)(training)) {
  if (event.kind === "step") console.log(event.metrics.loss);
}

/** Offers a checkpoint as a file. */
async function download(checkpoint: Parameters<typeof rill.encodeCheckpoint>[0]): Promise<void> {
  const parts: BlobPart[] = await Array.fromAsync(rill.encodeCheckpoint(checkpoint));
  console.log(URL.createObjectURL(new Blob(parts)));
}
