import { assert, assertEquals } from "@std/assert";
import {
  batchNorm2d,
  build,
  conv2d,
  decodePth,
  decodeSafetensors,
  encodeSafetensors,
  exportParams,
  flatten,
  importParams,
  linear,
  type Network,
  randomKey,
  relu,
  sequential,
  type StoredTensor,
} from "@rill/rill/models";
import * as ops from "../../../models/ops/_ops.ts";
import references from "../references/pth.json" with { type: "json" };
import { backendTest, getError, getOrThrow, numbers } from "../_helpers.ts";

const buildNetwork = (classes: number): Network =>
  getOrThrow(build(
    sequential({
      features: sequential([conv2d({ filters: 3, kernelSize: 2 }), batchNorm2d()]),
      flatten: flatten(),
      fc: linear(classes),
    }),
    [3, 3, 2],
  ));

/** Makes tensors that fit a network, no two with the same numbers. */
function makeStored({ parameters, buffers }: Network): Record<string, StoredTensor> {
  return Object.fromEntries([...parameters, ...buffers].map(({ name, shape }, i) => {
    const data = numbers(shape.reduce((a, b) => a * b, 1), i);
    return [name, { shape: [...shape], data }];
  }));
}

const COUNT = "features.1.num_batches_tracked";

const omit = (stored: Record<string, StoredTensor>, ...names: string[]) =>
  Object.fromEntries(Object.entries(stored).filter(([name]) => !names.includes(name)));

backendTest("buffers and scalars go through a file and come back as they were", async () => {
  const network = buildNetwork(4);
  const stored = makeStored(network);
  assertEquals(stored[COUNT]?.shape, []);
  const variables = getOrThrow(importParams(network, stored));
  assertEquals(
    Object.keys(variables.buffers),
    ["features.1.running_mean", "features.1.running_var", COUNT],
  );
  const exported = await exportParams(network, variables);
  const file = await new Blob(encodeSafetensors(exported)).bytes();
  const { tensors } = getOrThrow(decodeSafetensors(file));
  assertEquals(tensors, stored);
});

backendTest("a file may lack num_batches_tracked, or have it for a model that hasn't", async () => {
  const network = buildNetwork(4);
  const { [COUNT]: _, ...older } = makeStored(network);
  const variables = getOrThrow(importParams(network, older));
  const zero = { shape: [], data: Float32Array.of(0) };
  assertEquals(await exportParams(network, variables), { ...older, [COUNT]: zero });
  const plain = getOrThrow(build(linear(2), [3]));
  const stored = { ...makeStored(plain), num_batches_tracked: zero, "a.num_batches_tracked": zero };
  assertEquals(
    await exportParams(plain, getOrThrow(importParams(plain, stored))),
    omit(stored, "num_batches_tracked", "a.num_batches_tracked"),
  );
  const wrong = { ...older, [COUNT]: { shape: [1], data: new Float32Array(1) } };
  assertEquals(getError(importParams(network, wrong)).misshaped.map(({ name }) => name), [COUNT]);
  const other = { ...makeStored(plain), my_num_batches_tracked: zero };
  assertEquals(getError(importParams(plain, other)).extra, ["my_num_batches_tracked"]);
});

Deno.test("what is missing of the buffers is an error, and nothing is allocated", () => {
  const network = buildNetwork(4);
  const before = ops.countTensors();
  const error = getError(
    importParams(network, omit(makeStored(network), "features.1.running_var")),
  );
  assertEquals(error.missing, ["features.1.running_var"]);
  assertEquals(ops.countTensors(), before);
});

backendTest("a partial import keeps what fits and draws the rest as init does", async () => {
  const network = buildNetwork(2);
  const { "features.0.bias": _, ...stored } = makeStored(buildNetwork(4));
  const before = ops.countTensors();
  const key = randomKey(5);
  const given = { ...stored, "head.bias": stored["fc.bias"]! };
  const initializer = "kaiming";
  const { variables, kept, missing, extra, misshaped } = getOrThrow(
    importParams(network, given, { partial: true, key, initializer }),
  );
  assertEquals(kept, [
    "features.0.weight",
    "features.1.weight",
    "features.1.bias",
    "features.1.running_mean",
    "features.1.running_var",
    COUNT,
  ]);
  assertEquals(missing, ["features.0.bias"]);
  assertEquals(extra, ["head.bias"]);
  const flat = stored["fc.weight"]!.shape[1]!;
  assertEquals(misshaped, [
    { name: "fc.weight", expected: [2, flat], actual: [4, flat] },
    { name: "fc.bias", expected: [2], actual: [4] },
  ]);
  const tensors = network.parameters.length + network.buffers.length;
  assertEquals(ops.countTensors() - before, tensors);
  const drawn = await exportParams(network, network.init(key, initializer));
  const exported = await exportParams(network, variables);
  assertEquals(Object.keys(exported), Object.keys(drawn));
  for (const [name, tensor] of Object.entries(exported)) {
    assertEquals(tensor, kept.includes(name) ? stored[name] : drawn[name], name);
  }
});

Deno.test("a partial import of which nothing fits is an error that names the tensors", () => {
  const network = buildNetwork(2);
  const stored = Object.fromEntries(
    Object.entries(makeStored(network)).map(([name, tensor]) => [`module.${name}`, tensor]),
  );
  const before = ops.countTensors();
  const error = getError(importParams(network, stored, { partial: true, key: randomKey(0) }));
  assert(
    error.message.startsWith(
      "Cannot load the parameters as none of the tensors fits the model: missing features.0.weight",
    ),
    error.message,
  );
  assertEquals(error.extra, Object.keys(stored));
  assertEquals(ops.countTensors(), before);
});

backendTest("a model's state_dict from PyTorch is imported, buffers and all", async () => {
  const { file } = references.find(({ name }) => name === "a model's state_dict")!;
  const bytes = Uint8Array.from(atob(file), (character) => character.charCodeAt(0));
  const { tensors } = getOrThrow(await decodePth(bytes));
  const network = getOrThrow(build(
    sequential([
      conv2d({ filters: 3, kernelSize: 2 }),
      batchNorm2d(),
      relu(),
      flatten(),
      linear(2),
    ]),
    [3, 3, 2],
  ));
  const { "3.weight": weight, "3.bias": bias, ...rest } = tensors;
  // The linear layer of that model is the fourth, and looks at rows.
  const data = Float32Array.from({ length: 24 }, (_, i) => weight!.data[i % 4]!);
  const stored = { ...rest, "4.weight": { shape: [2, 12], data }, "4.bias": bias! };
  const variables = getOrThrow(importParams(network, stored));
  assertEquals(await exportParams(network, variables), stored);
  assertEquals([...tensors["1.num_batches_tracked"]!.data], [1]);
});
