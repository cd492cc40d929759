import * as models from "@rill/rill/models";
import { fromBinary } from "@bufbuild/protobuf";
import { encodeOnnx } from "@rill/rill/models/encode-onnx";
import { assertEquals, assertInstanceOf } from "@std/assert";
import { ModelProtoSchema } from "../../../models/onnx/_onnx_pb.ts";
import { getError, getOrThrow, withBackend } from "../_helpers.ts";
import { compareOnnx } from "./_compare_onnx.ts";

/** Small networks of which each layer differs, each by its input shape. */
const LAYERS: readonly (readonly [string, models.Layer, readonly number[]])[] = [
  ["nothing", models.identity(), [5, 4, 3]],
  ["dropout alone", models.dropout(0.5), [7]],
  ["a convolution", models.conv2d({ filters: 4, kernelSize: 3 }), [6, 5, 2]],
  [
    "a convolution whose settings differ down and across",
    models.conv2d({
      filters: 6,
      kernelSize: [3, 2],
      strides: [2, 1],
      padding: [1, 0, 2, 1],
      dilation: [1, 2],
      groups: 2,
      bias: false,
    }),
    [9, 8, 4],
  ],
  [
    "a depthwise convolution",
    models.conv2d({
      filters: 3,
      kernelSize: 3,
      padding: "same",
      strides: 2,
      groups: 3,
    }),
    [6, 8, 3],
  ],
  ["a linear layer", models.linear(4, { bias: false }), [6]],
  [
    "flattening",
    models.sequential([models.flatten(), models.linear(3)]),
    [3, 2, 4],
  ],
  ["maxima", models.maxPool2d({ poolSize: [3, 2], strides: 2, padding: 1 }), [7, 6, 2]],
  [
    "maxima of windows over the edge",
    models.maxPool2d({ poolSize: 3, strides: 2, ceilMode: true }),
    [8, 7, 2],
  ],
  [
    "maxima, where a last window would begin beyond the image",
    models.maxPool2d({ poolSize: 2, strides: 3, padding: 1, ceilMode: true }),
    [5, 6, 2],
  ],
  ["means", models.avgPool2d({ poolSize: 2 }), [6, 5, 3]],
  ["means with padding", models.avgPool2d({ poolSize: 3, strides: 2, padding: 1 }), [7, 6, 2]],
  [
    "means without padding in the number",
    models.avgPool2d({ poolSize: 3, strides: 2, padding: 1, countPadding: false }),
    [7, 6, 2],
  ],
  [
    "means of windows over the edge, with padding",
    models.avgPool2d({ poolSize: 3, strides: 2, padding: [1, 0, 0, 1], ceilMode: true }),
    [7, 8, 2],
  ],
  [
    "means of windows over the edge, without padding in the number",
    models.avgPool2d({
      poolSize: 3,
      strides: 2,
      padding: 1,
      ceilMode: true,
      countPadding: false,
    }),
    [6, 8, 2],
  ],
  ["means to a size that divides", models.adaptiveAvgPool2d([2, 3]), [6, 6, 2]],
  ["means to a size that doesn't divide", models.adaptiveAvgPool2d([3, 5]), [7, 6, 2]],
  ["means to a larger size", models.adaptiveAvgPool2d([5, 2]), [3, 2, 2]],
  ["means to one number", models.adaptiveAvgPool2d(1), [3, 4, 2]],
  ["the mean of all", models.globalAvgPool2d(), [3, 4, 2]],
  ["batch normalization of images", models.batchNorm2d({ epsilon: 0.1 }), [3, 4, 5]],
  ["batch normalization, not affine", models.batchNorm2d({ affine: false }), [3, 4, 5]],
  ["batch normalization of features", models.batchNorm1d(), [5]],
  ["batch normalization of sequences", models.batchNorm1d(), [4, 5]],
  ["layer normalization of features", models.layerNorm(), [6]],
  ["layer normalization of channels", models.layerNorm({ epsilon: 0.01 }), [3, 2, 6]],
  ["layer normalization of rows", models.layerNorm({ dimensions: 2 }), [3, 4, 5]],
  ["layer normalization of images", models.layerNorm({ dimensions: 3 }), [3, 4, 5]],
  ["layer normalization, not affine", models.layerNorm({ dimensions: 3, affine: false }), [
    2,
    3,
    4,
  ]],
  [
    "local response normalization",
    models.localResponseNorm({ size: 5, alpha: 0.3, beta: 0.6, k: 2 }),
    [3, 2, 7],
  ],
  [
    "local response normalization of an even number",
    models.localResponseNorm({ size: 4, alpha: 0.3, beta: 0.6, k: 2 }),
    [3, 2, 7],
  ],
  ["local response normalization of features", models.localResponseNorm({ size: 3 }), [7]],
  ["relu", models.relu(), [3, 4, 5]],
  [
    "relu6",
    models.sequential([models.linear(40, { initializer: models.constant(9) }), models.relu6()]),
    [5],
  ],
  ["leaky relu", models.leakyRelu(0.2), [9]],
  ["sigmoid", models.sigmoid(), [9]],
  ["tanh", models.tanh(), [9]],
  ["gelu", models.gelu(), [9]],
  ["gelu by the tangent", models.gelu({ approximate: "tanh" }), [9]],
  ["silu", models.silu(), [3, 4, 5]],
  [
    "layers beside each other",
    models.parallel([models.conv2d({ filters: 2, kernelSize: 1 }), models.identity()]),
    [3, 4, 5],
  ],
  [
    "a sum of layers",
    models.parallel({ a: models.linear(3), b: models.linear(3), c: models.identity() }, "add"),
    [3],
  ],
  ["a shortcut", models.residual(models.linear(3)), [3]],
  [
    "a shortcut with a layer",
    models.residual(models.linear(4), { shortcut: models.linear(4) }),
    [3],
  ],
  [
    "layers in use",
    models.inUse(models.sequential([models.batchNorm2d(), models.dropout(0.3), models.relu()])),
    [3, 4, 5],
  ],
  ["flips", models.averageFlips(classifier()), [6, 5, 2]],
  ["ten crops", models.averageTenCrops(classifier(), { size: 4 }), [7, 9, 2]],
];

/** A network whose output depends on where things are. */
function classifier(): models.Layer {
  return models.sequential([
    models.conv2d({ filters: 3, kernelSize: 3 }),
    models.relu(),
    models.flatten(),
    models.linear(4),
  ]);
}

Deno.test("onnxruntime computes of each layer what Rill does", async (t) => {
  for (const [name, layer, inputShape] of LAYERS) {
    await t.step(
      name,
      () => withBackend("wasm", () => compareOnnx(layer, inputShape)),
    );
  }
});

/** Gives zeros for all of a network's tensors. */
const zeros = (network: models.Network): Record<string, models.StoredTensor> =>
  Object.fromEntries([...network.parameters, ...network.buffers].map(({ name, shape }) => [
    name,
    { shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1)) },
  ]));

/** Gives why a network can't be encoded. */
function refusalOf(layer: models.Layer, inputShape: readonly number[]): models.OnnxError {
  const network = getOrThrow(models.build(layer, inputShape));
  const error = getError(encodeOnnx(network, zeros(network)));
  assertInstanceOf(error, models.OnnxError);
  return error;
}

const kindOf = (kind: models.LayerKind) =>
  models.layer("Own()", (input) => ({ outputShape: input, kind, apply: (x) => x }));

Deno.test("encodeOnnx() refuses a layer without a kind by its name", () => {
  const own = models.lambda((x) => x, { description: "Square()" });
  const error = refusalOf(models.sequential({ first: models.relu(), second: own }), [3]);
  assertEquals(
    error.message,
    "Cannot encode layer second, Square(), as ONNX: " +
      "it has no kind, by which it would be known; give its plan one",
  );
  assertEquals([error.layer, error.description, error.kind], ["second", "Square()", undefined]);
});

Deno.test("encodeOnnx() refuses kinds that it doesn't know, and settings that it can't read", () => {
  const messages = [
    kindOf({ type: "fourier", attributes: {} }),
    kindOf({ type: "toString", attributes: {} }),
    kindOf({ type: "leakyRelu", attributes: { slope: "steep" } }),
    kindOf({ type: "maxPool2d", attributes: { poolSize: [2], strides: [2, 2] } }),
    kindOf({ type: "linear", attributes: { units: 3 } }),
    kindOf({ type: "batchNorm1d", attributes: { epsilon: 1e-5, affine: true } }),
    kindOf({ type: "inUse", attributes: {} }),
    kindOf({ type: "residual", attributes: {} }),
    kindOf({ type: "gelu", attributes: { approximate: "cubes" } }),
    models.parallel([models.relu()], {
      apply: ([x]) => x!,
      outputShape: ([shape]) => shape!,
    }),
  ].map((layer) => refusalOf(layer, [3]).message.replace(/^.* as ONNX: /, ""));
  assertEquals(messages, [
    "its kind fourier isn't known",
    "its kind toString isn't known",
    "its kind leakyRelu needs slope, a number",
    "its kind maxPool2d needs poolSize, 2 numbers",
    "its kind linear needs bias, true or false",
    "its kind batchNorm1d needs a tensor weight",
    "its kind inUse is made of one layer",
    "its kind residual is made of one layer or two",
    "its kind gelu is approximated by cubes",
    "its layers' outputs are combined by a function",
  ]);
});

Deno.test("encodeOnnx() refuses another network's tensors", () => {
  const network = getOrThrow(models.build(models.linear(2), [3]));
  const other = getOrThrow(models.build(models.linear(2), [4]));
  const error = getError(encodeOnnx(network, zeros(other)));
  assertInstanceOf(error, models.CheckpointError);
  assertEquals(error.misshaped, [{ name: "weight", expected: [2, 3], actual: [2, 4] }]);
});

Deno.test("encodeOnnx() names what a file needs to be used", () => {
  const network = getOrThrow(models.build(models.lenet(), [28, 28, 1]));
  const bytes = getOrThrow(encodeOnnx(network, zeros(network), {
    description: "Tells digits apart",
    metadata: { classes: "[]" },
  }));
  const { docString, graph, irVersion, metadataProps, opsetImport, producerName } = fromBinary(
    ModelProtoSchema,
    bytes,
  );
  assertEquals([docString, irVersion, producerName], ["Tells digits apart", 8n, "rill"]);
  assertEquals(metadataProps.map(({ key, value }) => [key, value]), [["classes", "[]"]]);
  assertEquals(opsetImport.map(({ domain, version }) => [domain, version]), [["", 17n]]);
  const shapes = [...graph!.input, ...graph!.output].map(({ name, type }) => {
    const { value } = type!.value;
    return [name, value!.shape!.dim.map((dim) => dim.value.value)];
  });
  assertEquals(shapes, [["input", ["batch", 1n, 28n, 28n]], ["logits", ["batch", 10n]]]);
  assertEquals(
    graph!.initializer.map(({ name }) => name),
    network.parameters.map(({ name }) => name),
  );
});
