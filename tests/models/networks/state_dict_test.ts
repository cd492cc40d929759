import * as models from "@rill/rill/models";
import {
  build,
  CheckpointError,
  decodeSafetensors,
  exportParams,
  importParams,
  type Network,
  randomKey,
  resnet18,
  type StoredTensor,
} from "@rill/rill/models";
import * as ops from "@rill/rill/models/ops";
import { assertEquals, assertInstanceOf } from "@std/assert";
import { getError, getOrThrow, withBackend } from "../_helpers.ts";
import { seededVariable, seededVariables } from "./_seeded.ts";

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

/** Tells whether a tensor is of GoogLeNet's auxiliary classifiers, which are left out here. */
const isAuxiliary = (name: string): boolean => /^aux[12]\./.test(name);

const network = getOrThrow(build(resnet18(), [64, 64, 3]));

for (const [name, layer] of Object.entries(NETWORKS)) {
  Deno.test(`the parameters and buffers of ${name} are torchvision's, in name, shape and order`, async () => {
    const { parameters, buffers } = getOrThrow(build(layer, [96, 96, 3]));
    const ours = Object.fromEntries(
      [...parameters, ...buffers].map(({ name, shape }) => [name, [...shape]]),
    );
    const theirs = Object.fromEntries(
      Object.entries(await readStateDict(name))
        .filter(([name]) => !isAuxiliary(name))
        .map(([name, { shape }]) => [name, shape]),
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

/** Fails unless a network gets the same numbers from tensors of other names as from its own. */
async function compareImport(
  network: Network,
  own: Record<string, StoredTensor>,
  stored: Record<string, StoredTensor>,
): Promise<void> {
  const variables = getOrThrow(importParams(network, stored));
  assertEquals(await exportParams(network, variables), own);
}

Deno.test("googlenet takes a file with auxiliary classifiers, and lists their tensors as left over", () =>
  withBackend("wasm", async () => {
    const network = getOrThrow(build(models.googlenet(), [64, 64, 3]));
    const own = seededVariables(network);
    const file = Object.fromEntries(
      Object.entries(await readStateDict("googlenet"))
        .map(([name, { shape }]) => [name, own[name] ?? seededVariable(name, shape)]),
    );
    await compareImport(network, own, file);
    const partial = { partial: true, key: randomKey(0) } as const;
    const { kept, missing, extra } = getOrThrow(importParams(network, file, partial));
    assertEquals([kept.length, missing], [Object.keys(own).length, []]);
    assertEquals(extra, Object.keys(file).filter(isAuxiliary));
    assertEquals(extra.length, 20);

    // Of parts that it hasn't left out nothing may be left over.
    const other = { ...file, "aux3.fc1.bias": { shape: [1], data: new Float32Array(1) } };
    assertEquals(getError(importParams(network, other)).extra, ["aux3.fc1.bias"]);
    // Nor of a network that knows of no such parts.
    const alone = getOrThrow(build(models.linear(1), [1]));
    const error = getError(
      importParams(alone, { ...seededVariables(alone), "aux1.fc1.bias": other["aux3.fc1.bias"] }),
    );
    assertEquals(error.extra, ["aux1.fc1.bias"]);
  }));

/** What a layer of a DenseNet was called before PyTorch forbade dots in names of modules, and is in the files that torchvision offers. */
const toOldName = (name: string): string =>
  name.replace(/(denselayer\d+\.(?:norm|conv))([12])\./, "$1.$2.");

Deno.test("densenet121 takes the names of the file that torchvision offers", () =>
  withBackend("wasm", async () => {
    const network = getOrThrow(build(models.densenet121({ classes: 3 }), [64, 64, 3]));
    const own = seededVariables(network);
    const old = Object.fromEntries(
      Object.entries(own)
        // It is from before batches were counted.
        .filter(([name]) => !name.endsWith("num_batches_tracked"))
        .map(([name, tensor]) => [toOldName(name), tensor]),
    );
    const name = "features.denseblock3.denselayer24.norm.2.running_var";
    assertEquals(old[name], own["features.denseblock3.denselayer24.norm2.running_var"]);
    await compareImport(network, own, old);

    const { [name]: _, ...rest } = old;
    assertEquals(getError(importParams(network, rest)).missing, [
      "features.denseblock3.denselayer24.norm2.running_var",
    ]);
    // Of two for one the name of today counts.
    const both = { ...own, [name]: own["features.norm0.weight"]! };
    assertEquals(getError(importParams(network, both)).extra, [name]);
  }));

Deno.test("a network knows the names in files of the parts that it is made of", () =>
  withBackend("wasm", async () => {
    const model = models.sequential({
      backbone: models.densenet121({ classes: 3 }),
      head: models.linear(2),
    });
    const network = getOrThrow(build(model, [64, 64, 3]));
    const own = seededVariables(network);
    await compareImport(
      network,
      own,
      Object.fromEntries(Object.entries(own).map(([name, tensor]) => [toOldName(name), tensor])),
    );
  }));

Deno.test("a layer of one's own says what it is called in files, and what it does without", () =>
  withBackend("wasm", async () => {
    const scale = models.layer<"weight">("Scale()", (input) => ({
      outputShape: input,
      params: { weight: { shape: [2] } },
      fileNames: {
        rename: (name) => name === "gamma" ? "weight" : undefined,
        isLeftOver: (name) => name.startsWith("head."),
      },
      apply: (x, { weight }) => ops.multiply(x, weight),
    }));
    const network = getOrThrow(build(models.sequential({ scale }), [2]));
    const tensor = { shape: [2], data: Float32Array.of(3, 4) };
    const file = { "scale.gamma": tensor, "scale.head.weight": tensor };
    await compareImport(network, { "scale.weight": tensor }, file);
    // A name is one within the layer.
    for (const name of ["gamma", "head.weight", "scale.scale.gamma", "scale.header"]) {
      assertEquals(getError(importParams(network, { ...file, [name]: tensor })).extra, [name]);
    }
  }));
