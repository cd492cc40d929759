// Products with bias, ReLU and dropout in the same program, and their gradients, against the same in separate operations on
// tfjs's plain JavaScript backend.
import * as tf from "@tensorflow/tfjs-core";
import { assertEquals } from "@std/assert";
import { randomKey } from "@rill/rill/models";
import type { Epilogue } from "../../../models/ops/_epilogue.ts";
import { concatenate } from "../../../models/ops/_base/concatenate.ts";
import * as ops from "../../../models/ops/_ops.ts";
import * as publicOps from "@rill/rill/models/ops";
import {
  DISCRETE,
  type GemmParameters,
  SOFTWARE,
  SOFTWARE_SUBGROUPS,
  takesFours,
} from "../../../models/kernels/webgpu/gemm/_gemm_parameters.ts";
import { getTuning, useTuning } from "../../../models/kernels/webgpu/gemm/_tuning.ts";
import { sample } from "../../_nightly.ts";
import { numbers, withBackend } from "../_helpers.ts";
import {
  comparePrograms,
  gpuBackend,
  opaque,
  random,
  transparent,
  withRoomFor,
} from "../_programs.ts";
import { webgpuTest } from "../_webgpu.ts";

const EPILOGUES: readonly (readonly [name: string, epilogue: Epilogue])[] = [
  ["bias", {}],
  ["relu", { relu: true }],
  ["dropout", { relu: true, dropout: { rate: 0.3, key: randomKey(8), offset: 5 } }],
];

const ODD: readonly GemmParameters[] = [
  { threads: [4, 3], block: [3, 2], depth: 3, operands: "global", vector: 2, speed: 1 },
  { threads: [3, 5], block: [2, 4], depth: 7, operands: "shared", vector: 2, speed: 1 },
  { threads: [1, 8], block: [16, 4], depth: 2, operands: "subgroup", vector: 4, speed: 1 },
];

/** Computes a weighted sum and its gradients. */
function differentiate<Inputs extends tf.Tensor[]>(
  what: string,
  inputs: Inputs,
  fn: (...inputs: Inputs) => tf.Tensor,
): Record<string, tf.Tensor> {
  const value = fn(...inputs);
  const weights = random(value.shape, 9);
  const gradients = tf.grads((...inputs) => tf.sum(tf.mul(fn(...inputs as Inputs), weights)))(
    inputs,
  );
  return {
    [what]: value,
    ...Object.fromEntries(gradients.map((dx, i) => [`${what}, gradient ${i}`, dx])),
  };
}

const linear = (x: tf.Tensor, weight: tf.Tensor, bias: tf.Tensor, epilogue: Epilogue) =>
  transparent(ops.linear(opaque(x), opaque(weight), opaque(bias), epilogue));

const conv2d = (
  [x, filter, bias]: readonly [x: tf.Tensor, filter: tf.Tensor, bias: tf.Tensor],
  strides: number,
  padding: number,
  epilogue: Epilogue,
) => transparent(ops.conv2d(opaque(x), opaque(filter), opaque(bias), strides, padding, epilogue));

const LINEARS = [[1, 1, 1], [3, 7, 5], [67, 33, 10], [5, 1100, 3], [1, 64, 131]] as const;

type Image = [batch: number, height: number, width: number, channels: number];

const CONVOLUTIONS: [image: Image, kernel: number, filters: number, s: number, p: number][] = [
  [[1, 3, 3, 1], 3, 1, 1, 0],
  [[2, 9, 8, 1], 5, 9, 2, 2],
  [[3, 7, 6, 5], 3, 8, 1, 1],
  [[1, 12, 11, 3], 3, 5, 3, 1],
  [[9, 8, 8, 2], 2, 3, 1, 0],
];

function everything(): Record<string, tf.Tensor> {
  const results: Record<string, tf.Tensor> = {};
  for (const [name, epilogue] of EPILOGUES) {
    for (const [rows, inner, columns] of LINEARS) {
      const inputs: [tf.Tensor, tf.Tensor, tf.Tensor] = [
        random([rows, inner], 1),
        random([inner, columns], 2),
        random([columns], 3),
      ];
      Object.assign(
        results,
        differentiate(
          `linear ${rows}x${inner}x${columns}, ${name}`,
          inputs,
          (x, weight, bias) => linear(x, weight, bias, epilogue),
        ),
      );
    }
    for (const [image, kernel, filters, strides, padding] of CONVOLUTIONS) {
      const inputs: [tf.Tensor, tf.Tensor, tf.Tensor] = [
        random(image, 1),
        random([kernel, kernel, image[3], filters], 2),
        random([filters], 3),
      ];
      Object.assign(
        results,
        differentiate(
          `conv2d of ${image} by ${kernel}, ${filters} filters, strides ${strides}, ${name}`,
          inputs,
          (...inputs) => conv2d(inputs, strides, padding, epilogue),
        ),
      );
    }
    // One behind the other, so that the second masks the first one's gradient.
    Object.assign(
      results,
      differentiate(
        `two linears, ${name}`,
        [random([6, 9], 1), random([9, 11], 2), random([11], 3), random([11, 4], 4)],
        (x, weight, bias, second) =>
          linear(linear(x, weight, bias, epilogue), second, tf.zeros([4]), { relu: true }),
      ),
      differentiate(
        `two convolutions, ${name}`,
        [random([2, 9, 9, 2], 1), random([3, 3, 2, 5], 2), random([5], 3), random([3, 3, 5, 4], 4)],
        (x, filter, bias, second) =>
          conv2d([conv2d([x, filter, bias], 1, 1, epilogue), second, tf.zeros([4])], 2, 1, {
            relu: true,
          }),
      ),
      differentiate(
        `two users, of which one doesn't mask, ${name}`,
        [random([6, 9], 1), random([9, 11], 2), random([11], 3), random([11, 4], 4)],
        (x, weight, bias, second) => {
          const y = linear(x, weight, bias, epilogue);
          return concatenate([linear(y, second, tf.zeros([4]), {}), tf.sin(y)], 1);
        },
      ),
    );
  }
  return results;
}

// Large blocks that take fours compile longest: a smaller one of the odd does at each change.
const SUBGROUPS = sample(
  SOFTWARE_SUBGROUPS,
  ...SOFTWARE_SUBGROUPS.filter((set) => !takesFours(set)),
);

for (const set of [...SOFTWARE, ...SUBGROUPS, ...DISCRETE, ...ODD]) {
  const { threads, block, operands } = set;
  const what = `${operands}, ${threads.join("x")} threads of ${block.join("x")}`;
  webgpuTest(
    `products with all that follows, and their gradients: ${what}`,
    () =>
      withBackend("webgpu", async () => {
        const { device } = gpuBackend();
        const { subgroups } = getTuning(gpuBackend());
        for (const groups of [1, 64]) {
          useTuning(device, { sets: [set], groups, subgroups });
          await comparePrograms(everything);
        }
      }),
    withRoomFor(set),
  );
}

webgpuTest(
  "NaN and infinity are carried through a fused product",
  () =>
    withBackend("webgpu", async () => {
      const data = numbers(3500, 1);
      for (const [at, value] of [[703, NaN], [1405, Infinity], [3499, -Infinity]] as const) {
        data[at] = value;
      }
      for (const groups of [1, 64]) {
        useTuning(gpuBackend().device, { ...getTuning(gpuBackend()), groups });
        await comparePrograms(() => {
          const inputs: [tf.Tensor, tf.Tensor, tf.Tensor] = [
            tf.tensor(data, [5, 700]),
            random([700, 6], 2),
            random([6], 3),
          ];
          return Object.assign(
            {},
            ...EPILOGUES.map(([name, epilogue]) =>
              differentiate(name, inputs, (...inputs) => linear(...inputs, epilogue))
            ),
          );
        });
      }
    }),
);

webgpuTest(
  "a fused relu passes on the gradient of NaN",
  () =>
    withBackend("webgpu", async () => {
      const [identity, zeros] = [tf.ones([1, 1]), tf.zeros([1])];
      const rectified = (x: tf.Tensor) => linear(x, identity, zeros, { relu: true });
      const x = tf.tensor([-1, 0, 2, NaN], [4, 1]);
      // Masked by the rectifier, and by who uses it.
      const users = [tf.neg, (y: tf.Tensor) => linear(y, tf.neg(identity), zeros, {})];
      for (const user of users) {
        const dx = tf.grad((x) => tf.sum(user(rectified(x))))(x);
        assertEquals([...await dx.data()].map(Math.abs), [0, 0, 1, 1]);
      }
    }),
);

webgpuTest(
  "a gradient for a rectifier's output is not masked by who uses it",
  () =>
    withBackend("webgpu", async () => {
      await comparePrograms(() => {
        const [weight, second] = [random([5, 5], 1), random([5, 3], 2)];
        const x = random([4, 5], 3);
        // Inner gradients, for what is an input to them and a rectifier's output outside.
        const inner = (y: tf.Tensor) =>
          tf.grad((y) => tf.sum(linear(y, second, tf.zeros([3]), {})))(y);
        let found: tf.Tensor | undefined;
        tf.grad((x) => {
          const y = linear(x, weight, tf.zeros([5]), { relu: true });
          found = tf.keep(inner(y));
          return tf.sum(y);
        })(x);
        return { found: found! };
      });
    }),
);

webgpuTest(
  "a rectifier's gradient is masked once, and by its own output",
  () =>
    withBackend("webgpu", async () => {
      const relu = (x: tf.Tensor) => transparent(publicOps.relu(opaque(x)));
      const add = (a: tf.Tensor, b: tf.Tensor) => transparent(publicOps.add(opaque(a), opaque(b)));
      const convolve = (x: tf.Tensor, filter: tf.Tensor, strides = 1) =>
        transparent(publicOps.conv2d(opaque(x), opaque(filter), { strides, padding: 1 }));
      const fuse = (x: tf.Tensor, filter: tf.Tensor, bias: tf.Tensor) =>
        conv2d([x, filter, bias], 1, 1, { relu: true });
      const uses: Record<string, (...inputs: tf.Tensor[]) => tf.Tensor> = {
        "one convolution": (x, filter) => convolve(relu(x!), filter!),
        "one with strides": (x, filter) => convolve(relu(x!), filter!, 2),
        "two convolutions": (x, filter) => {
          const y = relu(x!);
          return add(convolve(y, filter!), convolve(y, filter!));
        },
        "a rectifier of a rectifier": (x, filter) => convolve(relu(relu(x!)), filter!),
        "a reshaped output": (x, filter) => convolve(tf.reshape(relu(x!), [2, 6, 4, 4]), filter!),
        // The rectifier of a sum, whose gradient is that of each term as it is: other rectifiers' outputs.
        "a sum of rectifiers": (x, filter, other) =>
          convolve(relu(add(relu(x!), relu(other!))), filter!),
        "a sum of fused ones": (x, filter, other, bias) =>
          convolve(
            relu(add(fuse(x!, filter!, bias!), fuse(other!, filter!, bias!))),
            filter!,
          ),
      };
      await comparePrograms(() => {
        const inputs = [[2, 4, 6, 4], [3, 3, 4, 4], [2, 4, 6, 4], [4]].map(random);
        return Object.assign(
          {},
          ...Object.entries(uses).map(([what, fn]) =>
            differentiate(what, inputs.slice(0, fn.length), fn)
          ),
        );
      });
    }),
);

webgpuTest(
  "integers that were cast can be fused too",
  () =>
    withBackend("webgpu", () =>
      comparePrograms(() => {
        const x = tf.cast(tf.tensor([1, -2, 3, 4], [2, 2], "int32"), "float32");
        const parameters: [tf.Tensor, tf.Tensor] = [random([2, 3], 1), random([3], 2)];
        return differentiate(
          "whole",
          parameters,
          (weight, bias) => linear(x, weight, bias, { relu: true }),
        );
      })),
);

webgpuTest("an empty batch passes", () =>
  withBackend("webgpu", () => {
    const y = linear(tf.zeros([0, 3]), random([3, 2], 1), random([2], 2), { relu: true });
    assertEquals(y.shape, [0, 2]);
  }));
