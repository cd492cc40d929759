import { fileURLToPath } from "node:url";
import { assert, assertEquals } from "@std/assert";
import {
  encodeSafetensors,
  importParams,
  type StoredTensor,
  toTensor,
  type Variables,
} from "../../models/mod.ts";
import { type OpenedModel, openModel } from "../../tasks/_evaluate/open_model.ts";
import { formatPytorch } from "../../tasks/_export/format_pytorch.ts";
import { loadModel } from "../../tasks/_model/load_model.ts";
import { networkNames, networks } from "../../tasks/_model/networks.ts";
import { planUse } from "../../tasks/_model/views.ts";
import { getOrThrow, numbers, withBackend } from "../models/_helpers.ts";
import { drawTensors } from "../models/onnx/_compare_onnx.ts";
import { findPytorch } from "../_package/find_pytorch.ts";
import { testUnless } from "../_test_unless.ts";
import { withFolder } from "./_task.ts";

/** All networks that tasks know, with the sides of images as small as they take. */
const SIDES: Readonly<Record<keyof typeof networks, number>> = {
  alexnet: 67,
  "alexnet-torchvision": 79,
  alexnet2012: 67,
  densenet121: 40,
  googlenet: 32,
  lenet: 28,
  "mobilenet-v2": 40,
  nin: 67,
  resnet18: 40,
  resnet34: 32,
  resnet50: 32,
  resnet8: 28,
  "squeezenet1-1": 32,
  vgg11: 32,
  "vgg11-bn": 32,
  vgg16: 32,
  "vgg16-bn": 32,
};

/** Those that are tried wherever PyTorch is: of modules that are written out and of torchvision's, with batch normalization and without. */
const QUICK: readonly string[] = ["alexnet", "lenet", "resnet18", "resnet8"];

const isAll = Deno.env.get("RILL_NETWORKS") === "all";
const pytorch = await findPytorch();
const missing = pytorch ? undefined : "no PyTorch";

/** Writes a checkpoint of a network with drawn parameters and running statistics. */
async function writeDrawn(
  path: string,
  model: Readonly<Record<string, unknown>> & { readonly name: string },
): Promise<void> {
  const { channels } = networks[model.name as keyof typeof networks];
  const full = {
    ...{ side: SIDES[model.name as keyof typeof networks], channels, classes: 7 },
    mean: channels === 3 ? [0.485, 0.456, 0.406] : 0.5,
    std: channels === 3 ? [0.229, 0.224, 0.225] : 0.25,
    ...{ resize: "stretch", orientation: "apply" },
    ...model,
  };
  const network = getOrThrow(await loadModel(full)());
  const tensors: Record<string, StoredTensor> = await drawTensors(network);
  const metadata = { rill: JSON.stringify({ version: 3, model: full }) };
  await Deno.writeFile(path, await new Blob(encodeSafetensors(tensors, metadata)).bytes());
}

/** Draws a batch of images as bytes, in the order NHWC. */
const drawImages = (shape: readonly number[]): Uint8Array =>
  Uint8Array.from(numbers(shape.reduce((a, b) => a * b, 1), 5), (x) => (x + 1) * 127.5);

/** Computes a batch's predictions by Rill. */
async function predict(
  { model, network, tensors }: OpenedModel,
  images: Uint8Array,
  shape: readonly number[],
): Promise<Float32Array> {
  const { channels, mean, std } = planUse(model);
  const of = (values: number | readonly number[], at: number) =>
    [values].flat()[at % channels] ?? [values].flat()[0]!;
  const data = Float32Array.from(images, (byte, at) => (byte / 255 - of(mean, at)) / of(std, at));
  const variables: Variables = getOrThrow(importParams(network, tensors));
  const { output } = network.apply(variables, toTensor(data, shape));
  return Float32Array.from(await output.data());
}

/** Moves the channels of a batch of images behind its size. */
function toNchw(
  images: Uint8Array,
  [size = 0, height = 0, width = 0, channels = 0]: readonly number[],
): Uint8Array {
  const places = height * width;
  return Uint8Array.from({ length: size * channels * places }, (_, at) => {
    const [n, c] = [Math.floor(at / (channels * places)), Math.floor(at / places) % channels];
    return images[(n * places + at % places) * channels + c]!;
  });
}

/** Compares what PyTorch computes, by the program that is printed for a checkpoint, with Rill: each number up to 1e-5 of the largest. */
async function comparePytorch(dir: string, path: string): Promise<void> {
  const opened = getOrThrow(await openModel(path, {})());
  const shape = [2, ...opened.network.inputShape];
  const [size = 0, height = 0, width = 0, channels = 0] = shape;
  const images = drawImages(shape);
  await Deno.writeTextFile(`${dir}/model.py`, await formatPytorch(opened));
  await Deno.writeFile(`${dir}/images`, toNchw(images, shape));
  const program = fileURLToPath(new URL("./_run_program.py", import.meta.url));
  const { success, stdout, stderr } = await new Deno.Command(pytorch!, {
    args: [program, `${dir}/model.py`, `${dir}/images`]
      .concat([size, channels, height, width].map(String)),
    stdin: "null",
  }).output();
  assert(success, new TextDecoder().decode(stderr));
  const rows: number[][] = JSON.parse(new TextDecoder().decode(stdout));
  assertEquals(rows.map(({ length }) => length), [7, 7]);
  const expected = await withBackend("wasm", () => predict(opened, images, shape));
  const largest = expected.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  assert(largest > 0 && Number.isFinite(largest));
  for (const [at, x] of rows.flat().entries()) {
    const difference = Math.abs(x - expected[at]!);
    assert(difference <= 1e-5 * largest, `${at}: ${x} instead of ${expected[at]}`);
  }
}

Deno.test("the programs of all networks are compared", () => {
  assertEquals(Object.keys(SIDES).sort(), [...networkNames].sort());
});

for (const name of networkNames) {
  if (!QUICK.includes(name) && !isAll) continue;
  testUnless(
    missing,
    `PyTorch computes ${name}'s logits by the program that export prints`,
    () =>
      withFolder(async (dir) => {
        const path = `${dir}/model.safetensors`;
        await withBackend("wasm", () => writeDrawn(path, { name }));
        await comparePytorch(dir, path);
      }),
  );
}

testUnless(
  missing,
  "PyTorch looks at several views of an image by the program that export prints",
  () =>
    withFolder(async (dir) => {
      const path = `${dir}/model.safetensors`;
      for (
        const model of [{ name: "lenet", views: "flip" }, {
          name: "resnet8",
          channels: 3,
          mean: [0.5, 0.4, 0.3],
          views: "ten-crop",
        }]
      ) {
        await withBackend("wasm", () => writeDrawn(path, model));
        await comparePytorch(dir, path);
      }
    }),
);
