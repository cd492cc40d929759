import {
  batchNorm2d,
  build,
  conv2d,
  flatten,
  identity,
  lambda,
  type Layer,
  linear,
  parallel,
  randomKey,
  residual,
  ShapeError,
  tanh,
  type Tensor,
  toTensor,
} from "@rill/rill/models";
import * as ops from "@rill/rill/models/ops";
import { assertEquals, assertInstanceOf, assertStrictEquals, assertThrows } from "@std/assert";
import { type Array64, type Case, compareTest, type Draws } from "../_float64.ts";
import { backendTest, getError, getOrThrow, take } from "../_helpers.ts";
import { convolve, make, map, multiplyMatrices, permute } from "../ops/_reference.ts";
import { addBias, compareLayer } from "./_compare_layer.ts";

type Inputs = Case["inputs"];

/** Draws an image, and a window that keeps its size. */
function drawImage(draws: Draws) {
  const size = [draws.integer(1, 4), draws.integer(1, 4)] as const;
  const side = draws.choose(1, 3);
  const pad = (side - 1) / 2;
  const channels = draws.integer(1, 3);
  return {
    channels,
    side,
    x: draws.values([draws.integer(1, 2), ...size, channels], -1, 2),
    convolution: (filters: number) => conv2d({ filters, kernelSize: side, padding: "same" }),
    refer: (inputs: Inputs, name: string) =>
      addBias(
        convolve(inputs.x!, inputs[`${name}.weight`]!, 1, {
          window: [side, side],
          strides: [1, 1],
          dilation: [1, 1],
          padding: [pad, pad, pad, pad],
          output: size,
        }),
        inputs[`${name}.bias`],
      ),
  };
}

const add = (...xs: Array64[]) => map((...x) => x.reduce((a, b) => a + b), ...xs);

/** Concatenates along the channels. */
function concatenate(...xs: Array64[]): Array64 {
  const channels = xs.map(({ shape }) => shape.at(-1)!);
  const total = channels.reduce((a, b) => a + b);
  const places = xs.flatMap((x, part) =>
    Array.from({ length: channels[part]! }, (_, c) => [x, c] as const)
  );
  return make([...xs[0]!.shape.slice(0, -1), total], (place, i) => {
    const [x, c] = places[place.at(-1)!]!;
    return x.data[Math.floor(i / total) * x.shape.at(-1)! + c]!;
  });
}

compareTest({
  name: "residual",
  draw: (draws) => {
    const { x, channels, convolution, refer } = drawImage(draws);
    return compareLayer(draws, {
      layer: residual(convolution(channels)),
      x,
      refer: (inputs) => add(refer(inputs, "body"), inputs.x!),
    });
  },
});

compareTest({
  name: "residual with a shortcut",
  draw: (draws) => {
    const { x, convolution, refer } = drawImage(draws);
    const filters = draws.integer(1, 3);
    return compareLayer(draws, {
      layer: residual(convolution(filters), {
        shortcut: convolution(filters),
        names: { body: "a", shortcut: "b" },
      }),
      x,
      refer: (inputs) => add(refer(inputs, "a"), refer(inputs, "b")),
    });
  },
});

compareTest({
  name: "parallel, concatenated",
  draw: (draws) => {
    const { x, convolution, refer } = drawImage(draws);
    return compareLayer(draws, {
      layer: parallel([convolution(draws.integer(1, 3)), convolution(1), identity()]),
      x,
      refer: (inputs) => concatenate(refer(inputs, "0"), refer(inputs, "1"), inputs.x!),
    });
  },
});

compareTest({
  name: "parallel, added",
  draw: (draws) => {
    const { x, channels, convolution, refer } = drawImage(draws);
    return compareLayer(draws, {
      layer: parallel({ a: convolution(channels), b: tanh(), c: identity() }, "add"),
      x,
      refer: (inputs) => add(refer(inputs, "a"), map(Math.tanh, inputs.x!), inputs.x!),
    });
  },
});

compareTest({
  name: "parallel, combined by a function",
  draw: (draws) => {
    const units = draws.integer(1, 4);
    const refer = (inputs: Inputs, name: string) =>
      addBias(multiplyMatrices(inputs.x!, inputs[`${name}.weight`]!), inputs[`${name}.bias`]);
    return compareLayer(draws, {
      layer: parallel({ value: linear(units), gate: linear(units) }, {
        apply: ([value, gate]) => ops.multiply(value!, ops.sigmoid(gate!)),
        outputShape: ([shape]) => shape!,
      }),
      x: draws.values([draws.integer(1, 3), draws.integer(1, 5)]),
      refer: (inputs) =>
        map(
          (value, gate) => value / (1 + Math.exp(-gate)),
          refer(inputs, "value"),
          refer(inputs, "gate"),
        ),
    });
  },
});

compareTest({
  name: "lambda",
  draw: (draws) =>
    compareLayer(draws, {
      layer: lambda((x) => ops.concat([x, ops.square(x)], -1), {
        outputShape: (input) => input.with(-1, 2 * input.at(-1)!),
      }),
      x: draws.values(draws.shape(draws.integer(2, 4))),
      refer: ({ x }) => concatenate(x!, map((x) => x * x, x!)),
    }),
});

compareTest({
  name: "flatten",
  draw: (draws) =>
    compareLayer(draws, {
      layer: flatten(),
      x: draws.values(draws.shape(draws.integer(2, 4))),
      refer: ({ x }) => {
        const { data, shape } = x!.shape.length === 4 ? permute(x!, [0, 3, 1, 2]) : x!;
        const [size = 0, ...rest] = shape;
        return { data, shape: [size, rest.reduce((a, b) => a * b)] };
      },
    }),
});

backendTest("identity() gives the input itself, and its gradient", async () => {
  const network = getOrThrow(build(identity(), [2]));
  const x = toTensor(Float32Array.of(1, 2), [1, 2]);
  const variables = network.init(randomKey(0));
  assertStrictEquals(network.apply(variables, x).output, x);
  const { gradients } = ops.valueAndGrad(
    { x },
    ({ x }) => ops.sum(ops.square(network.apply(variables, x).output)),
  );
  assertEquals(await take(gradients.x), [2, 4]);
  x.dispose();
});

Deno.test("layers side by side must fit each other", () => {
  const one = conv2d({ filters: 1, kernelSize: 1 });
  const two = conv2d({ filters: 2, kernelSize: 1 });
  const small = conv2d({ filters: 1, kernelSize: 2 });
  const fault = (layer: Layer) => {
    const error = getError(build(layer, [3, 4, 2]));
    assertInstanceOf(error, ShapeError);
    return error.needed;
  };
  assertEquals(
    fault(parallel([one, small])),
    "layers whose outputs differ in their channels alone, not 3 x 4 x 1 and 2 x 3 x 1",
  );
  assertEquals(
    fault(parallel([one, two], "add")),
    "layers that give the same shape, not 3 x 4 x 1 and 3 x 4 x 2",
  );
  assertEquals(
    fault(residual(one)),
    "a body that gives the same shape: 3 x 4 x 1 and 3 x 4 x 2 can't be added",
  );
  assertEquals(
    fault(residual(two, { shortcut: one })),
    "a shortcut that gives the same shape: 3 x 4 x 2 and 3 x 4 x 1 can't be added",
  );
  const own = { apply: ([x]: readonly Tensor[]) => x!, outputShape: () => "more of them" };
  assertEquals(fault(parallel([one], own)), "more of them");
  assertThrows(() => parallel([]), RangeError, "Cannot describe parallel layers: there are none");
});

Deno.test("containers name their children's variables", () => {
  const names = (layer: Layer) => {
    const { parameters, buffers } = getOrThrow(build(layer, [4, 4, 2]));
    return [...parameters, ...buffers].map(({ name }) => name);
  };
  const plain = conv2d({ filters: 2, kernelSize: 1, bias: false });
  assertEquals(names(parallel({ a: plain, b: batchNorm2d({ affine: false }) })), [
    "a.weight",
    "b.running_mean",
    "b.running_var",
    "b.num_batches_tracked",
  ]);
  assertEquals(names(residual(plain)), ["body.weight"]);
  const named = { body: "", shortcut: "downsample" };
  assertEquals(names(residual(plain, { shortcut: plain, names: named })), [
    "weight",
    "downsample.weight",
  ]);
  assertThrows(
    () =>
      build(residual(plain, { shortcut: plain, names: { body: "a", shortcut: "a" } }), [4, 4, 2]),
    RangeError,
    "Cannot build two layers called a in the network",
  );
});
