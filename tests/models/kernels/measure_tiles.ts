// Measures convolutions by tiles beside the direct kernels, on one thread: the least time of some rounds in turn, and how far results
// are from sums in double precision, as root mean square and at most, by the root mean square of the result.
//
//     deno run -A tests/models/kernels/measure_tiles.ts [rounds] [images]
import * as tf from "@tensorflow/tfjs-core";
import { openBackend } from "@rill/rill/models";
import { getBoundModule } from "../../../models/kernels/wasm/_bound_module.ts";
import {
  type Convolution,
  convolve,
  convolveInputGradient,
} from "../../../models/kernels/wasm/_convolution.ts";
import { convolveFilterGradient } from "../../../models/kernels/wasm/_filter_gradient.ts";
import { convolveTilesFilterGradient } from "../../../models/kernels/wasm/_tile_gradient.ts";
import { convolveTiles, convolveTilesInputGradient } from "../../../models/kernels/wasm/_tiles.ts";
import type { WasmBackend } from "../../../models/kernels/wasm/_wasm_backend.ts";
import { chooseTiles } from "../../../models/kernels/wasm/_winograd.ts";
import { numbers } from "../_helpers.ts";
import { describeConvolution, sumUp } from "./_sum_convolution.ts";

/** Layers: the side of their images, channels, and the filter's side; the images of a thread, and of a block of the batch. */
const LAYERS = [
  ["AlexNet 67, conv2", 7, 96, 256, 5, 64, 11],
  ["AlexNet 67, conv3", 3, 256, 384, 3, 64, 11],
  ["AlexNet 67, conv5", 3, 384, 256, 3, 64, 11],
  ["AlexNet 224, conv2", 26, 96, 256, 5, 2, 2],
  ["AlexNet 224, conv4", 12, 384, 384, 3, 4, 3],
  ["ResNet-18 64, layer1", 16, 64, 64, 3, 32, 6],
  ["ResNet-18 64, layer2", 8, 128, 128, 3, 32, 6],
  ["ResNet-18 64, layer3", 4, 256, 256, 3, 32, 6],
] as const;

const [rounds = 8, given] = Deno.args.map(Number);
const backend = await openBackend("wasm");
const module = getBoundModule(tf.backend() as unknown as WasmBackend)!;
console.log(
  `${backend.description}, ${rounds} rounds; ms direct, by tiles; errors direct, by tiles`,
);
for (const [name, side, inputs, outputs, kernel, images, block] of LAYERS) {
  for (const direction of ["output", "input", "filter"] as const) {
    const batch = given ?? (direction === "filter" ? block : images);
    const convolution = describeConvolution(
      [batch, side, side, inputs],
      outputs,
      kernel,
      (kernel - 1) / 2,
    );
    // As the tile is that of a large batch, whether or not it is worth it here.
    const tile = chooseTiles({ ...convolution, batch: 1000 }, direction)!;
    const isChosen = chooseTiles(convolution, direction) !== undefined;
    const times = measure(convolution, direction, tile);
    const errors = measureErrors({ ...convolution, batch: 1 }, direction, tile);
    console.log(
      [name, direction, `${batch} images`, `F(${tile})`, isChosen ? "by tiles" : "direct"].join(
        ", ",
      ),
      times.map((time) => time.toFixed(2)).join(" "),
      errors.map((pair) => pair.map((error) => error.toExponential(1)).join("/")).join(" "),
    );
  }
}
await backend.close();

type Way = (...addresses: [x: number, filter: number, dy: number, result: number]) => void;

/** Gives both ways of a direction. */
function listWays(
  convolution: Convolution,
  direction: "output" | "input" | "filter",
  tile: readonly [number, number],
): readonly [direct: Way, byTiles: Way] {
  switch (direction) {
    case "output":
      return [
        (x, filter, _, y) => convolve(module, convolution, x, filter, y),
        (x, filter, _, y) => convolveTiles(module, tile, convolution, x, filter, y),
      ];
    case "input":
      return [
        (_, filter, dy, dx) => convolveInputGradient(module, convolution, dy, filter, dx),
        (_, filter, dy, dx) =>
          convolveTilesInputGradient(module, tile, convolution, dy, filter, dx),
      ];
    case "filter":
      return [
        (x, _, dy, result) => convolveFilterGradient(module, convolution, x, dy, result),
        (x, _, dy, result) => convolveTilesFilterGradient(module, tile, convolution, x, dy, result),
      ];
  }
}

/** Runs what needs operands and results in the heap. */
function withOperands<T>(
  { batch, rows, columns, inputChannels, outputChannels }: Convolution,
  fn: (addresses: [number, number, number], data: Parameters<typeof sumUp>[1]) => T,
): T {
  const draw = (count: number, seed: number) => {
    const data = numbers(count, seed);
    return { data, tensor: tf.tensor1d(data) };
  };
  const x = draw(batch * rows.input * columns.input * inputChannels, 1);
  const filter = draw(rows.kernel * columns.kernel * inputChannels * outputChannels, 2);
  const dy = draw(batch * rows.output * columns.output * outputChannels, 3);
  const all = [x, filter, dy].map(({ tensor }) => tensor);
  all.forEach((tensor) => tensor.dataSync());
  const [first = 0, second = 0, third = 0] = all.map((tensor) => module.address(tensor));
  const result = fn([first, second, third], { x: x.data, filter: filter.data, dy: dy.data });
  all.forEach((tensor) => tensor.dispose());
  return result;
}

function measure(...args: Parameters<typeof listWays>): number[] {
  return withOperands(args[0], (addresses, { x, filter, dy }) => {
    const result = tf.zeros([Math.max(x.length, filter.length, dy.length)]);
    result.dataSync();
    const ways = listWays(...args);
    const least = ways.map(() => Infinity);
    for (let round = 0; round < rounds; round++) {
      ways.forEach((compute, i) => {
        const start = performance.now();
        compute(...addresses, module.address(result));
        least[i] = Math.min(least[i]!, performance.now() - start);
      });
    }
    result.dispose();
    return least;
  });
}

function measureErrors(...args: Parameters<typeof listWays>): [rms: number, most: number][] {
  return withOperands(args[0], (addresses, data) => {
    const sums = sumUp(args[0], data)[["output", "input", "filter"].indexOf(args[1])]!;
    const average = (squares: Float64Array) =>
      Math.sqrt(squares.reduce((sum, x) => sum + x * x, 0) / squares.length);
    const size = average(sums);
    return listWays(...args).map((compute) => {
      const result = tf.zeros([sums.length]);
      result.dataSync();
      compute(...addresses, module.address(result));
      const results = result.dataSync();
      result.dispose();
      const errors = sums.map((x, i) => Math.abs(x - results[i]!) / size);
      return [average(errors), errors.reduce((a, b) => Math.max(a, b), 0)];
    });
  });
}
