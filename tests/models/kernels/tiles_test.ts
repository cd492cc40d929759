// Convolutions by tiles, each kind of them in each direction, against sums in double precision, and which layers go by them.
import * as tf from "@tensorflow/tfjs-core";
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { withBatchPart } from "../../../models/kernels/definitions/_whole_batch.ts";
import { getBoundModule, useVariant } from "../../../models/kernels/wasm/_bound_module.ts";
import { type Convolution, convolve } from "../../../models/kernels/wasm/_convolution.ts";
import { PLAIN, RELAXED } from "../../../models/kernels/wasm/_module_bytes.ts";
import { convolveTilesFilterGradient } from "../../../models/kernels/wasm/_tile_gradient.ts";
import {
  convolveTiles,
  convolveTilesInputGradient,
  TILES,
} from "../../../models/kernels/wasm/_tiles.ts";
import type { WasmBackend } from "../../../models/kernels/wasm/_wasm_backend.ts";
import { chooseTiles, type Direction } from "../../../models/kernels/wasm/_winograd.ts";
import { testUnless } from "../../_test_unless.ts";
import { numbers, withBackend } from "../_helpers.ts";
import { describeConvolution, sumUp } from "./_sum_convolution.ts";

const draw = (count: number, seed: number) => tf.tensor1d(numbers(count, seed));

for (const [variant, bytes] of Object.entries({ relaxed: RELAXED, plain: PLAIN })) {
  for (const tile of TILES) {
    const [output, kernel] = tile;
    testUnless(
      !WebAssembly.validate(bytes) && `no ${variant} SIMD`,
      `tiles of ${output} x ${output} outputs, ${kernel} x ${kernel} taps, give what sums in double precision give, with ${variant} SIMD`,
      () =>
        withBackend("wasm", async () => {
          const backend = tf.backend() as unknown as WasmBackend;
          assert(useVariant(backend, variant as "relaxed" | "plain"));
          const module = getBoundModule(backend)!;
          // Whole tiles, tiles that hang over, fewer pixels than a tile, several blocks of tiles and of columns; all paddings.
          const cases = [
            describeConvolution([2, 8, 8, 8], 8, kernel, (kernel - 1) / 2),
            describeConvolution([3, 7, 10, 16], 24, kernel, kernel - 1),
            describeConvolution([1, kernel, 9, 24], 16, kernel, 0),
            describeConvolution([37, 3, 3, 8], 136, kernel, 1),
          ].filter(({ rows }) => rows.output > 0);
          for (const convolution of cases) {
            const { batch, rows, columns, inputChannels, outputChannels } = convolution;
            const x = draw(batch * rows.input * columns.input * inputChannels, 1);
            const dy = draw(batch * rows.output * columns.output * outputChannels, 2);
            const filter = draw(kernel ** 2 * inputChannels * outputChannels, 3);
            const results = [dy, x, filter].map(({ size }) => tf.fill([size], NaN));
            const all = [x, dy, filter, ...results];
            // What is uploaded gets its address when it is read first, and with it others may move.
            all.forEach((tensor) => tensor.dataSync());
            const at = (tensor: tf.Tensor | undefined) => module.address(tensor!);
            const [y, dx, dFilter] = results;
            convolveTiles(module, tile, convolution, at(x), at(filter), at(y));
            convolveTilesInputGradient(module, tile, convolution, at(dy), at(filter), at(dx));
            convolveTilesFilterGradient(module, tile, convolution, at(x), at(dy), at(dFilter));
            const data = async (tensor: tf.Tensor) => await tensor.data() as Float32Array;
            const expected = sumUp(convolution, {
              ...{ x: await data(x), filter: await data(filter), dy: await data(dy) },
            });
            for (const [i, result] of results.entries()) {
              const sums = expected[i]!;
              const size = Math.sqrt(sums.reduce((sum, x) => sum + x * x, 0) / sums.length);
              const errors = (await data(result)).map((x, j) => Math.abs(x - sums[j]!) / size);
              const what = `${JSON.stringify(convolution)}, result ${i}`;
              assert(errors.every((error) => error < 1e-4), `${what}: ${Math.max(...errors)}`);
            }
            all.forEach((tensor) => tensor.dispose());
          }
        }),
    );
  }
}

Deno.test("layers go by tiles where these win, by the whole batch's size", () => {
  const choose = (convolution: Convolution, direction: Direction) =>
    chooseTiles(convolution, direction)?.join("x");
  const list = (convolution: Convolution) =>
    (["output", "input", "filter"] as const).map((direction) => choose(convolution, direction));
  const second = (images: number) => describeConvolution([images, 7, 7, 96], 256, 5, 2);
  assertEquals(list(second(128)), ["4x5", "4x5", "4x5"]);
  assertEquals(list(second(1)), [undefined, undefined, undefined]);
  assertEquals(choose(describeConvolution([128, 3, 3, 256], 384, 3, 1), "output"), "3x3");
  assertEquals(list(describeConvolution([32, 12, 12, 384], 256, 3, 1)), ["4x3", "4x3", "4x3"]);
  // Few channels, too many, ones that aren't in eights, other strides and windows.
  for (const channels of [8, 20, 1024]) {
    assertEquals(
      choose(describeConvolution([64, 12, 12, channels], 64, 3, 1), "output"),
      undefined,
    );
    assertEquals(
      choose(describeConvolution([64, 12, 12, 64], channels, 3, 1), "output"),
      undefined,
    );
  }
  assertEquals(choose(describeConvolution([64, 12, 12, 64], 64, 7, 3), "output"), undefined);
  const axis = { input: 12, kernel: 3, padding: 1, stride: 2, output: 6 };
  const apart = { batch: 64, rows: axis, columns: axis, inputChannels: 64, outputChannels: 64 };
  assertEquals(choose(apart, "output"), undefined);
  // A share goes as the whole does.
  const share = { examples: 1, whole: 128 };
  assertEquals(withBatchPart(share, () => choose(second(1), "output")), "4x5");
});

Deno.test("direct kernels convolve without tiles, and Rill's own do so again when they are opened next", async () => {
  const convolution = describeConvolution([16, 7, 7, 16], 16, 5, 2);
  assertEquals(chooseTiles(convolution, "output")?.join("x"), "4x5");
  const compute = (kernels: "rill" | "direct") =>
    withBackend("wasm", () => {
      const x = tf.reshape(draw(16 * 49 * 16, 1), [16, 7, 7, 16]) as tf.Tensor4D;
      const filter = tf.reshape(draw(25 * 256, 2), [5, 5, 16, 16]) as tf.Tensor4D;
      const y = tf.conv2d(x, filter, 1, 2);
      const direct = tf.fill(y.shape, NaN);
      const all = [x, filter, direct];
      all.forEach((tensor) => tensor.dataSync());
      const module = getBoundModule(tf.backend() as unknown as WasmBackend)!;
      const [images, weights, results] = all.map((tensor) => module.address(tensor));
      convolve(module, convolution, images!, weights!, results!);
      return [y.dataSync(), direct.dataSync()];
    }, { kernels });
  const [byTiles, expected] = await compute("rill");
  assertNotEquals(byTiles, expected);
  assertEquals(await compute("direct"), [expected, expected]);
  assertEquals(await compute("rill"), [byTiles, expected]);
});
