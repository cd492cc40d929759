import * as models from "@rill/rill/models";
import { encodeOnnx } from "@rill/rill/models/encode-onnx";
import { assert, assertEquals } from "@std/assert";
import { getOrThrow, numbers } from "../_helpers.ts";
import { runOnnx } from "./_onnxruntime.ts";

function disposeVariables({ params, buffers }: models.Variables): void {
  for (const tensor of [...Object.values(params), ...Object.values(buffers)]) tensor.dispose();
}

/** Gives a network's tensors at rest: initial parameters, and running statistics as if of some data. */
export async function drawTensors(
  network: models.Network,
): Promise<Record<string, models.StoredTensor>> {
  const initial = network.init(models.randomKey(3));
  const tensors = await models.exportParams(network, initial);
  disposeVariables(initial);
  for (const [i, [name, { shape, data }]] of Object.entries(tensors).entries()) {
    const drawn = numbers(data.length, i);
    const isAffine = shape.length === 1;
    if (name.endsWith("running_mean")) tensors[name] = { shape, data: drawn.map((x) => x / 4) };
    else if (name.endsWith("running_var")) {
      tensors[name] = { shape, data: drawn.map((x) => 1 + x / 2) };
    } else if (isAffine && name.endsWith("weight")) {
      tensors[name] = { shape, data: drawn.map((x) => 1 + x / 4) };
    }
  }
  return tensors;
}

/** Turns a batch of examples around: what lies in the dimension before the last goes first, or back. */
function moveChannels(
  data: Float32Array<ArrayBuffer>,
  shape: readonly number[],
): { readonly data: Float32Array<ArrayBuffer>; readonly shape: readonly number[] } {
  const [size = 0, ...example] = shape;
  const channels = example.at(-1) ?? 1;
  const places = example.slice(0, -1).reduce((a, b) => a * b, 1);
  const moved = new Float32Array(data.length);
  for (let n = 0; n < size; n++) {
    for (let place = 0; place < places; place++) {
      for (let c = 0; c < channels; c++) {
        moved[(n * channels + c) * places + place] = data[(n * places + place) * channels + c]!;
      }
    }
  }
  return { data: moved, shape: [size, channels, ...example.slice(0, -1)] };
}

/**
 * Asserts that onnxruntime computes from a network's ONNX file what the network does, for batches of one and of three: each number
 * up to 1e-5 of the largest.
 */
export async function compareOnnx(
  layer: models.Layer,
  inputShape: readonly number[],
): Promise<void> {
  const network = getOrThrow(models.build(layer, inputShape));
  const tensors = await drawTensors(network);
  const bytes = getOrThrow(encodeOnnx(network, tensors));
  const variables = getOrThrow(models.importParams(network, tensors));
  const batches = [1, 3].map((size) => {
    const shape = [size, ...inputShape];
    return { shape, data: numbers(shape.reduce((a, b) => a * b, 1), size) };
  });
  const outputs = await runOnnx(
    bytes,
    batches.map(({ data, shape }) => moveChannels(data, shape)),
  );
  for (const [i, { data, shape }] of batches.entries()) {
    const input = models.toTensor(data, shape);
    const { output } = network.apply(variables, input);
    const expected = moveChannels(
      Float32Array.from(await output.data()),
      [shape[0]!, ...network.outputShape],
    );
    const actual = outputs[i]!;
    assertEquals(actual.shape, expected.shape);
    const largest = expected.data.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
    assert(largest > 0 && Number.isFinite(largest));
    for (const [at, x] of expected.data.entries()) {
      const difference = Math.abs(actual.data[at]! - x);
      assert(difference <= 1e-5 * largest, `${at}: ${actual.data[at]} instead of ${x}`);
    }
    input.dispose();
    output.dispose();
  }
  disposeVariables(variables);
}
