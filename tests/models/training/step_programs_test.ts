// The programs of a training step other than products, against separate operations on tfjs's plain JavaScript backend.
import * as tf from "@tensorflow/tfjs-core";
import { assert, assertEquals } from "@std/assert";
import { initOptimizerState, type Params, randomKey, sgd, type Tensor } from "@rill/rill/models";
import { maxPool2d } from "@rill/rill/models/ops";
import * as ops from "../../../models/ops/_ops.ts";
import { onCpu } from "../_cpu_backend.ts";
import { assertClose, backendTest, numbers, take, update, withBackend } from "../_helpers.ts";
import { comparePrograms, opaque, random, transparent } from "../_programs.ts";
import { webgpuTest } from "../_webgpu.ts";

const POOLS: [image: number[], poolSize: number, strides: number][] = [
  [[1, 1, 1, 1], 1, 1],
  [[2, 7, 8, 4], 3, 2],
  [[3, 9, 6, 5], 3, 1],
  [[1, 9, 9, 1], 2, 3],
  [[2, 6, 7, 12], 2, 2],
  // The most pixels whose winners fit a byte, and one row too many.
  [[1, 17, 16, 4], 16, 1],
  [[1, 18, 17, 4], 17, 1],
];

webgpuTest(
  "pooling that keeps its winners, with ties, and the gradient",
  () =>
    withBackend("webgpu", () =>
      comparePrograms(() => {
        const results: Record<string, tf.Tensor> = {};
        for (const [image, poolSize, strides] of POOLS) {
          // Integers, so that windows have several maxima.
          const x = tf.round(tf.mul(random(image, 1), 2));
          let y: tf.Tensor | undefined;
          const dx = tf.grad((x) => {
            const pooled = transparent(maxPool2d(opaque(x), poolSize, { strides }));
            y = tf.keep(pooled);
            return tf.sum(tf.mul(pooled, random(pooled.shape, 2)));
          })(x);
          results[`${image} by ${poolSize}`] = y!;
          results[`${image} by ${poolSize}, gradient`] = dx;
        }
        return results;
      })),
);

webgpuTest(
  "pooling of a product's output masks the product's gradient",
  () =>
    withBackend("webgpu", () =>
      comparePrograms(() => {
        const results: Record<string, tf.Tensor> = {};
        for (const filters of [4, 3]) {
          const filter = random([3, 3, 2, filters], 1);
          const gradients = tf.grads((x, filter, bias) => {
            const y = ops.conv2d(opaque(x!), opaque(filter!), opaque(bias!), 1, 1, {
              relu: true,
              dropout: { rate: 0.4, key: randomKey(2), offset: 0 },
            });
            const pooled = transparent(maxPool2d(y, 3, { strides: 2 }));
            return tf.sum(tf.mul(pooled, random(pooled.shape, 2)));
          })([random([2, 9, 9, 2], 3), filter, random([filters], 4)]);
          gradients.forEach((dx, i) => results[`${filters} filters, gradient ${i}`] = dx);
        }
        return results;
      })),
);

webgpuTest(
  "NaN wins a window, and gets its gradient",
  () =>
    withBackend("webgpu", async () => {
      for (const channels of [1, 4]) {
        const data = new Float32Array(16 * channels);
        for (let c = 0; c < channels; c++) data[5 * channels + c] = NaN;
        const dx = tf.grad((x) => {
          const y = transparent(maxPool2d(opaque(x), 2));
          return tf.sum(y);
        })(tf.tensor(data, [1, 4, 4, channels]));
        // The first of equal maxima in the other windows.
        const expected = [0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0];
        assertEquals([...await dx.data()], expected.flatMap((x) => Array(channels).fill(x)));
      }
    }),
);

/** Computes the mean cross-entropy in tfjs's own operations. */
function composeCrossEntropy(logits: Tensor, labels: Tensor): tf.Tensor {
  const target = tf.oneHot(transparent(labels) as tf.Tensor1D, logits.shape[1]!);
  const products = tf.mul(tf.cast(target, "float32"), tf.logSoftmax(transparent(logits)));
  return tf.neg(tf.mean(tf.sum(products, 1)));
}

backendTest("cross-entropy, correct count and gradient are those of plain loops", async () => {
  for (const [size, classes] of [[1, 2], [3, 7], [64, 10], [67, 10], [300, 33]] as const) {
    const run = async () => {
      const logits = opaque(
        tf.tensor(numbers(size * classes, 2).map((x) => 9 * x), [size, classes]),
      );
      const labels = ops.createIndices(
        Int32Array.from({ length: size }, (_, i) => (i * 5) % classes),
      );
      const { value, gradients } = ops.tidy(() =>
        ops.valueAndGradients(
          { logits },
          ({ logits }) => ops.crossEntropyAndCorrect(logits, labels),
          { length: 2 },
        )
      );
      const parts = await take(ops.tidy(() => opaque(composeCrossEntropy(logits, labels))));
      const measured = await take(value);
      assertClose([measured[0]!], parts, 1e-6, "mean of the cross-entropies");
      return [measured, await take(gradients.logits)] as const;
    };
    const [[measured, gradient], expected] = [await run(), await onCpu(run)];
    assertClose(measured, expected[0], 1e-6, `${size} of ${classes}`);
    assertClose(gradient, expected[1], 1e-6, `gradient of ${size} of ${classes}`, 1e-9);
  }
});

backendTest(
  "cross-entropy takes large logits, and carries NaN and infinity",
  async () => {
    const measure = async (rows: number[][], label: number) => {
      const logits = opaque(tf.tensor(rows.flat(), [rows.length, rows[0]!.length]));
      const labels = ops.createIndices(new Int32Array(rows.length).fill(label));
      const { value, gradients } = ops.tidy(() =>
        ops.valueAndGradients(
          { logits },
          ({ logits }) => ops.crossEntropyAndCorrect(logits, labels),
          { length: 2 },
        )
      );
      return [...await take(value), ...await take(gradients.logits)];
    };
    assertClose(await measure([[1000, 0], [-1000, 0]], 0), [500, 1, 0, 0, -0.5, 0.5], 1e-6);
    // The first of equal logits is the class.
    assertClose(await measure([[3, 3]], 0), [Math.log(2), 1, -0.5, 0.5], 1e-6);
    assertClose((await measure([[3, 3]], 1)).slice(1, 2), [0], 0);
    assert(Number.isNaN((await measure([[1, NaN], [0, 0]], 0))[0]));
    assert(Number.isNaN((await measure([[1, Infinity], [0, 0]], 0))[0]));
  },
);

backendTest("a loss that is scaled has its gradient scaled", async () => {
  const logits = opaque(random([3, 4], 1));
  const labels = ops.createIndices(Int32Array.of(0, 1, 2));
  const gradientOf = (scale: number) =>
    ops.tidy(() =>
      ops.valueAndGradients(
        { logits },
        ({ logits }) =>
          opaque(tf.mul(transparent(ops.crossEntropyAndCorrect(logits, labels)), scale)),
        { length: 2 },
      )
    );
  const [one, three] = [gradientOf(1), gradientOf(3)];
  const expected = (await take(one.gradients.logits)).map((x) => 3 * x);
  assertClose(await take(three.gradients.logits), expected, 1e-6, "gradient", 1e-9);
});

webgpuTest(
  "transpositions",
  () =>
    withBackend("webgpu", () =>
      comparePrograms(() => ({
        "channels first": tf.transpose(random([3, 5, 7, 2], 1), [0, 3, 1, 2]),
        "channels last": tf.transpose(random([3, 2, 5, 7], 1), [0, 2, 3, 1]),
        "a matrix": tf.transpose(random([67, 130], 2)),
        "all dimensions": tf.transpose(random([2, 3, 4], 3), [1, 2, 0]),
        "as they are": tf.transpose(random([2, 3, 4], 3), [0, 1, 2]),
        "another way": tf.transpose(random([2, 3, 4, 5], 3), [3, 1, 2, 0]),
        "reversed": tf.transpose(random([2, 3, 4], 3)),
      }), { tolerance: 0 })),
);

/** Parameters of sizes that are multiples of four and not, more of them than a dispatch takes, and a large one. */
const SIZES = [1, 4, 10, 64, 257, 3, 8, 1027, 66_000, 96, 5, 66_001];

for (const momentum of [0, 0.9]) {
  webgpuTest(
    `descent updates several parameters in place, with momentum ${momentum}`,
    () =>
      withBackend("webgpu", async () => {
        const optimizer = sgd({ learningRate: 0.1, momentum });
        const named = (seed: number) =>
          Object.fromEntries(SIZES.map((size, i) => [`p${i}`, opaque(random([size], seed + i))]));
        let params = named(1) as Params;
        let state = initOptimizerState(optimizer, params);
        const expected = SIZES.map((size, i) => numbers(size, 1 + i));
        const momenta = SIZES.map((size) => new Float32Array(size));
        for (const seed of [100, 200]) {
          const gradients = named(seed);
          const { dataId } = transparent(params.p3!);
          [params, state] = update(optimizer, params, gradients, state);
          assert(transparent(params.p3!).dataId === dataId);
          for (const tensor of Object.values(gradients)) tensor.dispose();
          for (const [i, size] of SIZES.entries()) {
            const [gradient, sums, values] = [numbers(size, seed + i), momenta[i]!, expected[i]!];
            for (let j = 0; j < size; j++) {
              sums[j] = momentum * sums[j]! + gradient[j]!;
              values[j]! -= 0.1 * sums[j]!;
            }
            assertClose(await params[`p${i}`]!.data(), values, 1e-6, `parameter ${i}`);
          }
        }
      }),
  );
}

webgpuTest("descent leaves alone what others hold", () =>
  withBackend("webgpu", async () => {
    for (const momentum of [0, 0.5]) {
      const optimizer = sgd({ learningRate: 1, momentum });
      const params = { a: opaque(random([6], 1)), b: opaque(random([5], 2)) };
      const held = transparent(params.a).clone();
      const state = initOptimizerState(optimizer, params);
      const gradients = { a: opaque(random([6], 3)), b: opaque(random([5], 4)) };
      const [next] = update(optimizer, params, gradients, state);
      assertClose(await held.data(), numbers(6, 1), 0);
      for (const [name, seeds] of [["a", [1, 3]], ["b", [2, 4]]] as const) {
        const count = name === "a" ? 6 : 5;
        const [before, gradient] = [numbers(count, seeds[0]), numbers(count, seeds[1])];
        assertClose(await next[name]!.data(), before.map((x, i) => x - gradient[i]!), 1e-6);
      }
    }
  }));
