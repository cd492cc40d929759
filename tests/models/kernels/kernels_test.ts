// Rill's kernels replace tfjs's for everybody in the process, so they have to do what theirs do, not only what layers need.
import * as tf from "@tensorflow/tfjs-core";
import { assertEquals } from "@std/assert";
import { onCpu } from "../_cpu_backend.ts";
import { assertClose, backendTest, numbers } from "../_helpers.ts";

const random = (shape: number[], seed: number) =>
  tf.tensor(numbers(shape.reduce((a, b) => a * b, 1), seed), shape, "float32");

/** Runs the same on the backend that is open and on plain loops, and compares all numbers. */
async function compare(what: string, fn: () => tf.Tensor[], tolerance = 1e-5): Promise<void> {
  const run = async () => {
    const tensors = tf.tidy(fn);
    const taken = [];
    for (const tensor of tensors) {
      taken.push({ shape: tensor.shape, data: await tensor.data() });
      tensor.dispose();
    }
    return taken;
  };
  const actual = await run();
  for (const [i, { shape, data }] of (await onCpu(run)).entries()) {
    assertEquals(actual[i]?.shape, shape, `shape ${i} of ${what}`);
    assertClose(actual[i]!.data, data, tolerance, `result ${i} of ${what}`);
  }
}

backendTest("matMul, with any operand transposed, batches and broadcasting", async () => {
  // The outer dimensions of either operand, then rows, inner length and columns.
  const cases: [a: number[], b: number[], rows: number, inner: number, columns: number][] = [
    [[], [], 1, 1, 1],
    [[], [], 3, 5, 7],
    [[], [], 1, 9, 4],
    [[], [], 130, 3, 2],
    [[], [], 2, 2052, 128],
    [[3], [3], 2, 5, 4],
    [[1], [4], 3, 2, 5],
    [[4], [1], 3, 2, 5],
    [[2, 3], [2, 3], 2, 4, 3],
  ];
  for (const [outerA, outerB, rows, inner, columns] of cases) {
    for (const [transposeA, transposeB] of [[0, 0], [0, 1], [1, 0], [1, 1]]) {
      await compare(
        `${outerA}|${outerB} ${rows}x${inner}x${columns} ${transposeA}${transposeB}`,
        () => {
          const a = random([...outerA, ...(transposeA ? [inner, rows] : [rows, inner])], 1);
          const b = random([...outerB, ...(transposeB ? [columns, inner] : [inner, columns])], 2);
          return [tf.matMul(a, b, !!transposeA, !!transposeB)];
        },
      );
    }
  }
});

backendTest("matMul's gradients, with any operand transposed", async () => {
  for (const [transposeA, transposeB] of [[0, 0], [0, 1], [1, 0], [1, 1]]) {
    await compare(`${transposeA}${transposeB}`, () => {
      const a = random(transposeA ? [2, 6, 3] : [2, 3, 6], 1);
      const b = random(transposeB ? [2, 4, 6] : [2, 6, 4], 2);
      const weights = random([2, 3, 4], 3);
      const gradients = tf.grads((a, b) =>
        tf.sum(tf.mul(tf.matMul(a, b, !!transposeA, !!transposeB), weights))
      );
      return gradients([a, b]);
    });
  }
});

/** Convolves, with a gradient of the kernels that are tested. */
function convolve(x: tf.Tensor, filter: tf.Tensor, attrs: {
  readonly strides: number | [number, number];
  readonly pad: "valid" | "same" | number;
}): tf.Tensor {
  const { strides, pad } = attrs;
  const run = (kernel: string, inputs: tf.NamedTensorMap, shapes: tf.NamedAttrMap) =>
    tf.engine().runKernel(kernel, inputs, {
      ...attrs,
      dataFormat: "NHWC",
      ...shapes,
    }) as tf.Tensor;
  const withKernels = tf.customGrad((...args) => {
    const [x, filter, save] = args as unknown as [tf.Tensor4D, tf.Tensor4D, tf.GradSaveFunc];
    save([x, filter]);
    return {
      value: tf.conv2d(x, filter, strides, pad),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        const [x, filter] = saved as [tf.Tensor, tf.Tensor];
        return [
          run("Conv2DBackpropInput", { dy, filter }, { inputShape: x.shape }),
          run("Conv2DBackpropFilter", { x, dy }, { filterShape: filter.shape }),
        ];
      },
    };
  });
  return withKernels(x, filter);
}

backendTest(
  "gradients of convolutions and pools with windows and padding of tfjs's kinds",
  async () => {
    // With a number as padding tfjs takes every window and stride for a square.
    const cases: ["valid" | "same" | number, [number, number], number | [number, number]][] = [
      ["valid", [3, 2], 1],
      ["valid", [3, 2], 2],
      ["valid", [2, 3], [2, 3]],
      ["same", [3, 2], 1],
      ["same", [3, 2], 2],
      ["same", [2, 4], [3, 1]],
      [1, [3, 3], 1],
      [1, [2, 2], 2],
      [1, [3, 3], 3],
    ];
    for (const [pad, window, strides] of cases) {
      await compare(`pad ${pad}, window ${window}, strides ${strides}`, () => {
        const x = random([2, 7, 8, 3], 1) as tf.Tensor4D;
        const filter = random([...window, 3, 4], 2) as tf.Tensor4D;
        const weigh = (y: tf.Tensor) => tf.sum(tf.mul(y, random(y.shape, 3)));
        const convolved = tf.grads((x, filter) => weigh(convolve(x, filter, { strides, pad })));
        const pooled = tf.grad((x) => weigh(tf.maxPool(x as tf.Tensor4D, window, strides, pad)));
        // As it is, and as integers, so that windows have several maxima.
        return [...convolved([x, filter]), pooled(x), pooled(tf.round(tf.mul(x, 2)))];
      });
    }
  },
);

backendTest("maxima over windows, padded and not", async () => {
  for (const channels of [1, 3, 8, 13, 16]) {
    for (const pad of ["valid", "same", 1] as const) {
      for (const [window, strides] of [[2, 2], [[3, 2], [1, 2]], [3, 4]] as const) {
        const pool = async () => {
          const x = random([2, 9, 8, channels], 1) as tf.Tensor4D;
          const y = tf.tidy(() => tf.maxPool(x, window as number, strides as number, pad));
          const data = await y.data();
          tf.dispose([x, y]);
          return data;
        };
        // Of padding alone it is -Infinity.
        const what = `${channels} ${pad} ${window} ${strides}`;
        assertEquals(await pool(), await onCpu(pool), what);
      }
    }
  }
});
