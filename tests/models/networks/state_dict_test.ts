import * as models from "@rill/rill/models";
import {
  build,
  CheckpointError,
  decodeSafetensors,
  exportParams,
  importParams,
  resnet18,
} from "@rill/rill/models";
import { assertEquals, assertInstanceOf } from "@std/assert";
import { getError, getOrThrow, withBackend } from "../_helpers.ts";

/** A tensor of a state dict. */
interface Entry {
  readonly type: string;
  readonly shape: readonly number[];
}

const TORCHVISION = await readStateDict("resnet18");

/** Networks with torchvision's names for them. */
const NETWORKS = {
  alexnet: models.alexnetTorchvision(),
  densenet121: models.densenet121(),
  googlenet: models.googlenet(),
  mobilenet_v2: models.mobilenetV2(),
  resnet18: models.resnet18(),
  resnet34: models.resnet34(),
  resnet50: models.resnet50(),
  squeezenet1_1: models.squeezenet1_1(),
  vgg11: models.vgg11(),
  vgg11_bn: models.vgg11({ batchNorm: true }),
  vgg16: models.vgg16(),
  vgg16_bn: models.vgg16({ batchNorm: true }),
};

/** Reads a state dict's types and shapes, such as `float32 64 3 7 7`. */
async function readStateDict(name: string): Promise<Record<string, Entry>> {
  const text = await Deno.readTextFile(new URL("_references/state_dicts.json", import.meta.url));
  const entries: Readonly<Record<string, string>> = JSON.parse(text)[name];
  return Object.fromEntries(
    Object.entries(entries).map(([name, entry]) => {
      const [type = "", ...shape] = entry.split(" ");
      return [name, { type, shape: shape.map(Number) }];
    }),
  );
}

const network = getOrThrow(build(resnet18(), [64, 64, 3]));

for (const [name, layer] of Object.entries(NETWORKS)) {
  Deno.test(`the parameters and buffers of ${name} are torchvision's, in name, shape and order`, async () => {
    const { parameters, buffers } = getOrThrow(build(layer, [96, 96, 3]));
    const ours = Object.fromEntries(
      [...parameters, ...buffers].map(({ name, shape }) => [name, [...shape]]),
    );
    const theirs = Object.fromEntries(
      Object.entries(await readStateDict(name)).map(([name, { shape }]) => [name, shape]),
    );
    assertEquals(ours, theirs);
    // In this order are their draws and optimizers' states.
    const isParameter = (name: string) => !/running_|num_batches/.test(name);
    assertEquals(parameters.map(({ name }) => name), Object.keys(theirs).filter(isParameter));
  });
}

/** Writes a safetensors file of so many numbers for each entry; counts are 64-bit integers, as PyTorch's. */
function writeFile(entries: Readonly<Record<string, Entry>>): Uint8Array<ArrayBuffer> {
  const header: Record<string, unknown> = {};
  let end = 0;
  for (const [name, { type, shape }] of Object.entries(entries)) {
    const begin = end;
    end += shape.reduce((a, b) => a * b, 1) * (type === "int64" ? 8 : 4);
    const dtype = type === "int64" ? "I64" : "F32";
    header[name] = { dtype, shape, data_offsets: [begin, end] };
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  const bytes = new Uint8Array(8 + text.length + end);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  for (const [name, { type }] of Object.entries(entries)) {
    const { data_offsets: [begin] } = header[name] as { data_offsets: [number, number] };
    const at = 8 + text.length + begin;
    // Each tensor tells its place by its first number.
    if (type === "int64") view.setBigInt64(at, BigInt(begin), true);
    else view.setFloat32(at, begin, true);
  }
  return bytes;
}

Deno.test("a safetensors file of torchvision's resnet18 is imported strictly", () =>
  withBackend("wasm", async () => {
    const { tensors } = getOrThrow(decodeSafetensors(writeFile(TORCHVISION)));
    const variables = getOrThrow(importParams(network, tensors));
    const { data } = (await exportParams(network, variables))["layer4.0.downsample.0.weight"]!;
    assertEquals(data[0], tensors["layer4.0.downsample.0.weight"]!.data[0]);
    const tracked = variables.buffers["layer4.1.bn2.num_batches_tracked"]!;
    assertEquals(await tracked.data(), tensors["layer4.1.bn2.num_batches_tracked"]!.data);

    const { "layer3.0.bn1.running_var": _, ...rest } = tensors;
    const missing = getError(importParams(network, rest));
    assertInstanceOf(missing, CheckpointError);
    assertEquals(missing.message.includes("layer3.0.bn1.running_var"), true, missing.message);
    const other = { ...tensors, extra: { shape: [1], data: new Float32Array(1) } };
    const left = getError(importParams(network, other));
    assertEquals(left.message.includes("extra"), true, left.message);
  }));
