import {
  batchNorm1d,
  batchNorm2d,
  type BatchNormOptions,
  build,
  type Layer,
  randomKey,
  relu,
  relu6,
  sequential,
  type Tensor,
  toTensor,
} from "@rill/rill/models";
import * as ops from "@rill/rill/models/ops";
import { assertEquals, assertThrows } from "@std/assert";
import { type Array64, compareTest, type Draws } from "../_float64.ts";
import { getOrThrow, withBackend } from "../_helpers.ts";
import { map } from "../ops/_reference.ts";
import { compareLayer } from "./_compare_layer.ts";

/** Computes the mean and the biased variance of each channel, and how many numbers it has. */
function measureChannels({ shape, data }: Array64) {
  const channels = shape.at(-1)!;
  const count = data.length / channels;
  const lines = Array.from(
    { length: channels },
    (_, c) => data.filter((_, i) => i % channels === c),
  );
  const mean = lines.map((line) => line.reduce((sum, x) => sum + x / count, 0));
  const variance = lines.map((line, c) =>
    line.reduce((sum, x) => sum + (x - mean[c]!) ** 2 / count, 0)
  );
  return { mean, variance, count };
}

function normalize(
  x: Array64,
  { mean, variance }: { readonly mean: ArrayLike<number>; readonly variance: ArrayLike<number> },
  epsilon: number,
  { weight, bias }: Readonly<Record<string, Array64>>,
): Array64 {
  const channels = x.shape.at(-1)!;
  return {
    shape: x.shape,
    data: x.data.map((each, i) => {
      const c = i % channels;
      const normal = (each - mean[c]!) / Math.sqrt(variance[c]! + epsilon);
      return normal * (weight?.data[c] ?? 1) + (bias?.data[c] ?? 0);
    }),
  };
}

const KINDS: Readonly<
  Record<string, readonly [(options: BatchNormOptions) => Layer, example: (d: Draws) => number[]]>
> = {
  batchNorm2d: [batchNorm2d, (draws) => [1, 2, 3].map(() => draws.integer(1, 4))],
  batchNorm1d: [batchNorm1d, (draws) => [draws.integer(1, 5)]],
  "batchNorm1d of sequences": [batchNorm1d, (draws) => [draws.integer(1, 4), draws.integer(1, 4)]],
};

/** Draws a layer and a batch of at least four numbers a channel: of fewer the gradient is all rounding. */
function drawBatch(draws: Draws, kind: keyof typeof KINDS) {
  const [describe, drawExample] = KINDS[kind]!;
  const epsilon = draws.choose(1e-5, 1e-3, 0.5);
  const affine = draws.choose(true, false);
  const momentum = draws.choose(0.1, 0, 1, 0.7, null);
  const x = draws.values([draws.integer(4, 7), ...drawExample(draws)]);
  return { x, epsilon, momentum, layer: describe({ epsilon, affine, momentum }) };
}

for (const kind of Object.keys(KINDS)) {
  compareTest({
    name: `${kind} in training`,
    draw: (draws) => {
      const { layer, x, epsilon } = drawBatch(draws, kind);
      return compareLayer(draws, {
        layer,
        x,
        refer: ({ x, ...own }) => normalize(x!, measureChannels(x!), epsilon, own),
      });
    },
  });
}

const drawBuffers = (draws: Draws, channels: number) => ({
  running_mean: draws.values([channels]),
  running_var: draws.values([channels], 0.1, 2),
});

compareTest({
  name: "batchNorm2d in use",
  draw: (draws) => {
    const { layer, x, epsilon } = drawBatch(draws, "batchNorm2d");
    return compareLayer(draws, {
      layer,
      x,
      training: false,
      buffers: drawBuffers(draws, x.shape.at(-1)!),
      refer: ({ x, running_mean: mean, running_var: variance, ...own }) =>
        normalize(x!, { mean: mean!.data, variance: variance!.data }, epsilon, own),
    });
  },
});

for (const [name, rectifier, most] of [["relu", relu, Infinity], ["relu6", relu6, 6]] as const) {
  for (const training of [true, false]) {
    compareTest({
      name: `batchNorm2d with ${name} behind it ${training ? "in training" : "in use"}`,
      draw: (draws) => {
        // Until no number is at a limit, where the rounding decides.
        for (;;) {
          const { layer, x, epsilon } = drawBatch(draws, "batchNorm2d");
          const channels = x.shape.at(-1)!;
          // Some of the numbers are beyond the upper limit.
          const buffers = {
            "0.running_mean": draws.values([channels], -9, 9),
            "0.running_var": draws.values([channels], 0.1, 2),
          };
          const refer = ({ x, ...own }: Readonly<Record<string, Array64>>) => {
            const statistics = training ? measureChannels(x!) : {
              mean: own["0.running_mean"]!.data,
              variance: own["0.running_var"]!.data,
            };
            const affine = Object.fromEntries(
              Object.entries(own).map(([name, each]) => [name.slice(2), each]),
            );
            return normalize(x!, statistics, epsilon, affine);
          };
          const drawn = compareLayer(draws, {
            layer: sequential([layer, rectifier()]),
            x,
            training,
            buffers,
            refer: (inputs) => map((y) => Math.min(Math.max(y, 0), most), refer(inputs)),
          });
          const isAway = refer(drawn.inputs).data.every((y) =>
            Math.abs(y) > 1e-3 && Math.abs(y - most) > 1e-3
          );
          if (isAway) return drawn;
        }
      },
    });
  }
}

compareTest({
  name: "batchNorm2d's running statistics",
  // They have no gradient, as in PyTorch.
  differentiable: false,
  draw: (draws) => {
    const { layer, x, momentum } = drawBatch(draws, "batchNorm2d");
    const tracked = draws.integer(0, 9);
    return compareLayer(draws, {
      layer,
      x,
      buffers: {
        ...drawBuffers(draws, x.shape.at(-1)!),
        num_batches_tracked: { shape: [], data: Float64Array.of(tracked) },
      },
      result: ({ buffers }) => {
        const [mean, variance, batches] = ["running_mean", "running_var", "num_batches_tracked"]
          .map((name) => buffers[name]!) as [Tensor, Tensor, Tensor];
        return ops.concat([mean, variance, ops.reshape(batches, [1])], 0);
      },
      refer: ({ x, running_mean, running_var }) => {
        const { mean, variance, count } = measureChannels(x!);
        const part = momentum ?? 1 / (tracked + 1);
        const approach = (running: Array64, now: readonly number[], factor = 1) =>
          now.map((each, c) => running.data[c]! * (1 - part) + each * factor * part);
        const data = [
          ...approach(running_mean!, mean),
          ...approach(running_var!, variance, count / (count - 1)),
          tracked + 1,
        ];
        return { shape: [data.length], data: Float64Array.from(data) };
      },
    });
  },
});

Deno.test("batch normalization refuses to train with one number for each channel", () =>
  withBackend("wasm", () => {
    const cases: [Layer, string, number[]][] = [
      [batchNorm2d(), "BatchNorm2d", [1, 1, 3]],
      [batchNorm1d(), "BatchNorm1d", [3]],
      [batchNorm1d(), "BatchNorm1d", [1, 3]],
    ];
    for (const [layer, name, shape] of cases) {
      const network = getOrThrow(build(layer, shape));
      const variables = network.init(randomKey(0));
      const x = toTensor(Float32Array.of(1, 2, 3), [1, ...shape]);
      assertThrows(
        () => network.apply(variables, x, { training: true }),
        RangeError,
        `Cannot train ${name} with a batch of ${[1, ...shape].join(" x ")}: ` +
          "a variance takes at least two numbers for each channel",
      );
      // Used, it normalizes one example as any other.
      assertEquals(network.apply(variables, x).output.shape, [1, ...shape]);
      // An example that is the part of a larger batch has others beside it.
      const sumOverBatch = (x: Tensor) => ops.multiply(ops.sum(x, { axis: 0 }), 2);
      network.apply(variables, x, { training: true, size: 2, sumOverBatch });
    }
  }));

Deno.test("batch normalization takes batches of two numbers for each channel", () =>
  withBackend("wasm", async () => {
    const network = getOrThrow(build(batchNorm2d(), [1, 2, 1]));
    const x = toTensor(Float32Array.of(1, 3), [1, 1, 2, 1]);
    const { output, buffers } = network.apply(network.init(randomKey(0)), x, { training: true });
    const [low, high] = await output.data();
    assertEquals([low, high].map((y) => Math.round(y! * 1e4) / 1e4), [-1, 1]);
    // The mean 2 and the unbiased variance 2, a tenth of each.
    const read = async (name: string) => (await buffers[name]!.data())[0]!.toFixed(5);
    assertEquals(await read("running_mean"), "0.20000");
    assertEquals(await read("running_var"), "1.10000");
    assertEquals(await read("num_batches_tracked"), "1.00000");
  }));

Deno.test("batch normalization refuses settings out of range", () => {
  for (const epsilon of [-1e-5, Infinity, NaN]) {
    assertThrows(
      () => batchNorm2d({ epsilon }),
      RangeError,
      `Cannot describe BatchNorm2d with epsilon ${epsilon}: it must be at least 0 and finite`,
    );
  }
  for (const momentum of [-0.1, 1.1, NaN]) {
    assertThrows(
      () => batchNorm1d({ momentum }),
      RangeError,
      `Cannot describe BatchNorm1d with momentum ${momentum}: it must be from 0 to 1, or null`,
    );
  }
});
