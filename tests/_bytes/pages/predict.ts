// A page that predicts: a network, its weights from a file of safetensors, and the best classes of a picture on a canvas.
import * as rill from "@rill/rill/models";
import { readImageData, resizeImage } from "@rill/rill/pipelines";

await rill.openBackend();
const network = rill.getOrThrow(rill.build(rill.resnet18({ classes: 10 }), [224, 224, 3]));
const file = await (await fetch("model.safetensors")).bytes();
const { tensors } = rill.getOrThrow(rill.decodeSafetensors(file));
const variables = rill.getOrThrow(rill.importParams(network, tensors));
const predict = rill.predictStep(network, { input: rill.imageInput() });

/** Tells what is on a picture. */
export async function ask(pixels: ImageData): Promise<number[]> {
  const image = readImageData(pixels, { channels: 3 });
  const { data, height, width, channels } = resizeImage(image, { height: 224, width: 224 });
  const images = { data, shape: [1, height, width, channels] as const };
  return [...rill.topK(await predict(variables, { images, size: 1 }), 3).indices];
}
