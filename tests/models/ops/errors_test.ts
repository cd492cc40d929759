// What operations refuse, in which words, and what they make of tensors without elements.
import { assertEquals, assertThrows } from "@std/assert";
import { BackendError, type DataType, type Tensor, toTensor } from "@rill/rill/models";
import * as ops from "@rill/rill/models/ops";
import * as internal from "../../../models/ops/_ops.ts";
import { backendTest, withBackend } from "../_helpers.ts";

/** A tensor of a shape. */
const make = (...shape: number[]) =>
  toTensor(new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(1), shape);

const places = (...data: number[]) => toTensor(Int32Array.from(data), [data.length]);

const WRONG: readonly (readonly [what: () => Tensor<DataType> | Tensor[], message: string])[] = [
  [
    () => ops.add(make(2, 3), make(4)),
    "Cannot apply add to tensors of 2 x 3 and 4: their shapes can't be broadcast to one",
  ],
  [
    () => ops.less(make(2), make(3)),
    "Cannot apply less to tensors of 2 and 3: their shapes can't be broadcast to one",
  ],
  [
    () => ops.where(ops.less(make(2), 0), make(3), 1),
    "Cannot apply where to tensors of 2 and 3: their shapes can't be broadcast to one",
  ],
  [
    () => ops.matMul(make(2, 3), make(2, 3)),
    "Cannot apply matMul to tensors of 2 x 3 and 2 x 3: rows of 3 can't be multiplied by columns of 2",
  ],
  [
    () => ops.matMul(make(3), make(3, 1)),
    "Cannot apply matMul to tensors of 3 and 3 x 1: it takes matrices, of two dimensions or more",
  ],
  [
    () => ops.conv2d(make(1, 5, 5, 2), make(3, 3, 3, 4)),
    "Cannot apply conv2d to tensors of 1 x 5 x 5 x 2 and 3 x 3 x 3 x 4: " +
    "2 channels don't fit filters of 3 in groups of 1",
  ],
  [
    () => ops.conv2d(make(1, 5, 5, 4), make(3, 3, 2, 3), { groups: 2 }),
    "Cannot apply conv2d to tensors of 1 x 5 x 5 x 4 and 3 x 3 x 2 x 3: " +
    "4 channels don't fit filters of 2 in groups of 2",
  ],
  [
    () => ops.conv2d(make(1, 2, 5, 1), make(3, 3, 1, 1)),
    "Cannot apply conv2d to tensors of 1 x 2 x 5 x 1 and 3 x 3 x 1 x 1: " +
    "a window of 3 x 3 is larger than the padded image",
  ],
  [
    () => ops.conv2d(make(5, 5, 1), make(3, 3, 1, 1)),
    "Cannot apply conv2d to tensors of 5 x 5 x 1 and 3 x 3 x 1 x 1: " +
    "it takes images as [n, height, width, channels]",
  ],
  [
    () => ops.conv2d(make(1, 5, 5, 1), make(3, 3, 1, 2), { bias: make(3) }),
    "Cannot apply conv2d to tensors of 1 x 5 x 5 x 1 and 3 x 3 x 1 x 2 and 3: " +
    "it takes a bias of 2, one for each filter",
  ],
  [
    () => ops.conv2d(make(1, 5, 5, 1), make(3, 3, 1, 2), { strides: 0 }),
    "Cannot apply conv2d with strides of 0: it takes positive integers",
  ],
  [
    () => ops.conv2d(make(1, 5, 5, 1), make(3, 3, 1, 2), { padding: -1 }),
    "Cannot apply conv2d with padding of -1: " +
    'it takes one, two or four integers from 0, "same" or "valid"',
  ],
  [
    () => ops.maxPool2d(make(1, 2, 2, 1), 3),
    "Cannot apply maxPool2d to a tensor of 1 x 2 x 2 x 1: " +
    "a window of 3 x 3 is larger than the padded image",
  ],
  [
    () => ops.avgPool2d(make(1, 4, 4, 1), 2, { padding: 2 }),
    "Cannot apply avgPool2d to a tensor of 1 x 4 x 4 x 1: " +
    "padding of 2,2,2,2 must be less than the window of 2,2",
  ],
  [
    () => ops.sum(make(2, 3), { axis: 2 }),
    "Cannot apply sum to a tensor of 2 x 3: axis 2 is not one of its 2 dimensions",
  ],
  [
    () => ops.max(make(2, 3), { axis: [0, -2] }),
    "Cannot apply max to a tensor of 2 x 3: axes 0,-2 name a dimension twice",
  ],
  [
    () => ops.mean(make(0, 3)),
    "Cannot apply mean to a tensor of 0 x 3: it has no numbers to reduce",
  ],
  [
    () => ops.variance(make(1, 3), { axis: 0, correction: 1 }),
    "Cannot apply variance to a tensor of 1 x 3: a correction of 1 needs more than 1 elements",
  ],
  [
    () => ops.softmax(toTensor(Float32Array.of(1), []), 0),
    "Cannot apply softmax to a tensor of no dimension: axis 0 is not one of its 0 dimensions",
  ],
  [
    () => ops.reshape(make(2, 3), [4, -1]),
    "Cannot apply reshape to a tensor of 2 x 3: its 6 elements don't fill 4 x -1",
  ],
  [
    () => ops.transpose(make(2, 3), [0, 0]),
    "Cannot apply transpose to a tensor of 2 x 3: the order 0,0 is no permutation of its dimensions",
  ],
  [
    () => ops.squeeze(make(2, 1), 0),
    "Cannot apply squeeze to a tensor of 2 x 1: dimension 0 has length 2, not 1",
  ],
  [
    () => ops.broadcastTo(make(2, 3), [3, 3]),
    "Cannot apply broadcastTo to tensors of 2 x 3 and 3 x 3: their shapes can't be broadcast to one",
  ],
  [
    () => ops.broadcastTo(make(2, 3), [3]),
    "Cannot apply broadcastTo to a tensor of 2 x 3: it can't become 3",
  ],
  [
    () => ops.pad(make(2), [[1, -1]]),
    "Cannot apply pad to a tensor of 2: it takes for each dimension how many come before and after",
  ],
  [
    () => ops.concat([make(2, 3), make(3, 2)]),
    "Cannot apply concat to tensors of 2 x 3 and 3 x 2: " +
    "they differ in more than the length of dimension 0",
  ],
  [() => ops.concat([]), "Cannot apply concat to no tensors: it takes at least one"],
  [
    () => ops.stack([make(2), make(3)]),
    "Cannot apply stack to tensors of 2 and 3: they differ in shape",
  ],
  [
    () => ops.split(make(5), 2),
    "Cannot apply split to a tensor of 5: dimension 0 of length 5 can't be split into 2",
  ],
  [
    () => ops.slice(make(5), [0], [3], { strides: [0] }),
    "Cannot apply slice to a tensor of 5: there is no part from 0 to 3 with steps of 0",
  ],
  [
    () => ops.gather(make(2, 3), places(0), 2),
    "Cannot apply gather to a tensor of 2 x 3: axis 2 is not one of its 2 dimensions",
  ],
  [
    () => ops.oneHot(places(0), 0),
    "Cannot apply oneHot with depth 0: it must be a positive integer",
  ],
  [
    () => ops.clip(make(2), 1, 0),
    "Cannot apply clip with limits 1 and 0: the first must not be above the second",
  ],
  [() => ops.full([-1], 0), "Cannot make a tensor of -1: a length is an integer from 0"],
  [
    () => toTensor(Uint8Array.of(0, 2), [2]),
    "Cannot make a tensor of conditions with 2 at 1: each is 0 or 1",
  ],
];

backendTest("operations refuse wrong shapes and settings, and leave nothing behind", () => {
  for (const [compute, message] of WRONG) {
    const before = internal.countTensors();
    const error = assertThrows(
      () =>
        ops.tidy(() => {
          compute();
        }),
      RangeError,
    );
    assertEquals(error.message, message);
    assertEquals(internal.countTensors(), before, message);
  }
});

Deno.test("gather() refuses an index beyond its axis, on WASM", () =>
  withBackend("wasm", () => {
    assertThrows(
      () => ops.gather(make(2, 3), places(0, 2)),
      RangeError,
      "Cannot apply gather to tensors of 2 x 3 and 2: index 2 is not below 2",
    );
  }));

backendTest("operations refuse tensors of another type", () => {
  assertThrows(
    () => ops.add(places(1) as unknown as Tensor, 1),
    TypeError,
    "Cannot apply add to a tensor of int32: it takes float32, see cast",
  );
  assertThrows(
    () => ops.less(make(1), places(1) as unknown as Tensor),
    TypeError,
    "Cannot apply less to tensors of float32 and int32: it takes two of one type, see cast",
  );
  assertThrows(
    () => ops.logicalNot(make(1) as unknown as Tensor<"bool">),
    TypeError,
    "Cannot apply logicalNot to a tensor of float32: it takes bool, see cast",
  );
  assertThrows(
    () => ops.exp(3 as unknown as Tensor),
    TypeError,
    "Cannot apply exp to 3: it is not a tensor",
  );
});

backendTest("tensors that are gone are refused", async (backend) => {
  const x = make(2, 3);
  x.dispose();
  assertThrows(
    () => ops.relu(x),
    TypeError,
    "Cannot apply relu to a tensor of 2 x 3: it was disposed",
  );
  const old = make(2, 3);
  await backend.close();
  const error = assertThrows(() => ops.relu(old), BackendError);
  assertEquals(error.message, "Cannot apply relu as no backend is open: see openBackend");
  assertThrows(() => ops.zeros([2]), BackendError, "Cannot make a tensor as no backend is open");
  assertThrows(
    () => toTensor(Int32Array.of(1), [1]),
    BackendError,
    "Cannot make a tensor as no backend is open",
  );
  await withBackend(backend.name, () => {
    assertThrows(
      () => ops.relu(old),
      TypeError,
      "Cannot apply relu to a tensor of 2 x 3: its backend was closed",
    );
  });
});

/** Operations on an empty batch, and the shapes that they give. */
const EMPTY: Readonly<Record<string, readonly [(x: Tensor) => Tensor<DataType>, number[]]>> = {
  add: [(x) => ops.add(x, 1), [0, 4, 4, 2]],
  multiply: [(x) => ops.multiply(x, make(4, 4, 2)), [0, 4, 4, 2]],
  exp: [ops.exp, [0, 4, 4, 2]],
  round: [ops.round, [0, 4, 4, 2]],
  relu: [ops.relu, [0, 4, 4, 2]],
  gelu: [(x) => ops.gelu(x), [0, 4, 4, 2]],
  elu: [(x) => ops.elu(x), [0, 4, 4, 2]],
  silu: [ops.silu, [0, 4, 4, 2]],
  less: [(x) => ops.less(x, 1), [0, 4, 4, 2]],
  isNaN: [ops.isNaN, [0, 4, 4, 2]],
  where: [(x) => ops.where(ops.logicalNot(ops.less(x, 1)), x, 1), [0, 4, 4, 2]],
  "sum of all": [(x) => ops.sum(x), []],
  "mean of the others": [(x) => ops.mean(x, { axis: [1, 2] }), [0, 2]],
  "max of the others": [(x) => ops.max(x, { axis: -1, keepDims: true }), [0, 4, 4, 1]],
  "variance of the others": [(x) => ops.variance(x, { axis: -1 }), [0, 4, 4]],
  argMax: [ops.argMax, [0, 4, 4]],
  softmax: [(x) => ops.softmax(x), [0, 4, 4, 2]],
  logSoftmax: [(x) => ops.logSoftmax(x), [0, 4, 4, 2]],
  reshape: [(x) => ops.reshape(x, [0, 32]), [0, 32]],
  transpose: [(x) => ops.transpose(x), [2, 4, 4, 0]],
  tile: [(x) => ops.tile(x, [2, 1, 1, 1]), [0, 4, 4, 2]],
  flip: [(x) => ops.flip(x, 0), [0, 4, 4, 2]],
  pad: [(x) => ops.pad(x, [[1, 0], [0, 0], [0, 0], [0, 0]], 3), [1, 4, 4, 2]],
  concat: [(x) => ops.concat([x, make(1, 4, 4, 2), x]), [1, 4, 4, 2]],
  "concat of nothing": [(x) => ops.concat([x, x]), [0, 4, 4, 2]],
  stack: [(x) => ops.stack([x, x]), [2, 0, 4, 4, 2]],
  slice: [(x) => ops.slice(x, [0, 1]), [0, 3, 4, 2]],
  gather: [(x) => ops.gather(x, places(1), 1), [0, 1, 4, 2]],
  broadcastTo: [(x) => ops.broadcastTo(x, [3, 0, 4, 4, 2]), [3, 0, 4, 4, 2]],
  cast: [(x) => ops.cast(x, "int32"), [0, 4, 4, 2]],
  matMul: [(x) => ops.matMul(ops.reshape(x, [0, 32]), make(32, 3)), [0, 3]],
  "matMul over nothing": [
    (x) => ops.matMul(ops.reshape(x, [4, 0]), ops.reshape(x, [0, 4])),
    [4, 4],
  ],
  conv2d: [(x) => ops.conv2d(x, make(3, 3, 2, 5), { bias: make(5) }), [0, 2, 2, 5]],
  "depthwise conv2d": [(x) => ops.conv2d(x, make(3, 3, 1, 2), { groups: 2 }), [0, 2, 2, 2]],
  maxPool2d: [(x) => ops.maxPool2d(x, 2), [0, 2, 2, 2]],
  avgPool2d: [(x) => ops.avgPool2d(x, 2, { padding: 1 }), [0, 3, 3, 2]],
};

backendTest("an empty batch gives an empty result, and gradients of 0", async () => {
  const x = make(0, 4, 4, 2);
  for (const [what, [compute, shape]] of Object.entries(EMPTY)) {
    const y = ops.tidy(() => compute(x));
    assertEquals(y.shape, shape, what);
    const expected = what === "pad" ? 3 : what === "concat" ? 1 : 0;
    assertEquals(
      [...await y.data()],
      Array(shape.reduce((a, b) => a * b, 1)).fill(expected),
      what,
    );
    if (y.dtype === "float32") {
      const scale = make(1);
      const { value, gradients } = ops.valueAndGrad(
        { x, scale },
        ({ x, scale }) => ops.sum(ops.multiply(compute(x) as Tensor, ops.reshape(scale, []))),
      );
      assertEquals(gradients.x.shape, x.shape, what);
      assertEquals([...await gradients.scale.data()], [...await value.data()], what);
    }
  }
  // What else is computed comes out right.
  const sum = ops.add(make(2), ops.matMul(make(2, 3), make(3, 2)));
  assertEquals([...await sum.data()], [4, 4, 4, 4]);
});
