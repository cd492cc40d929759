import { assertEquals, assertThrows } from "@std/assert";
import { type Tensor, toTensor } from "@rill/rill/models";
import * as ops from "@rill/rill/models/ops";
import * as internal from "../../../models/ops/_ops.ts";
import { assertClose, backendTest, take } from "../_helpers.ts";

const vector = (...numbers: number[]) => toTensor(Float32Array.from(numbers), [numbers.length]);

/** Computes the gradient of a sum. */
const differentiate = (x: readonly number[], fn: (x: Tensor) => Tensor) =>
  take(ops.grad({ x: vector(...x) }, ({ x }) => ops.sum(fn(x))).x);

backendTest(
  "valueAndGrad() gives a value and gradients by name, and leaves nothing behind",
  async () => {
    const [a, b, unused] = [vector(1, 2), vector(3, 4), vector(5)];
    const before = internal.countTensors();
    const { value, gradients } = ops.valueAndGrad({ a, b, unused }, ({ a, b }) => {
      const product = ops.multiply(a, b);
      return ops.sum(ops.multiply(product, product));
    });
    assertEquals(internal.countTensors(), before + 4);
    assertEquals(await take(value), [9 + 64]);
    assertEquals(await take(gradients.a), [18, 64]);
    assertEquals(await take(gradients.b), [6, 32]);
    assertEquals(await take(gradients.unused), [0]);
    assertEquals(internal.countTensors(), before);
  },
);

backendTest("grad() of what is given twice, given back, or constant", async () => {
  const x = vector(3);
  const twice = ops.grad({ a: x, b: x }, ({ a, b }) => ops.sum(ops.multiply(a, ops.square(b))));
  assertEquals([await take(twice.a), await take(twice.b)], [[9], [18]]);
  const scalar = toTensor(Float32Array.of(7), []);
  const same = ops.valueAndGrad({ scalar }, ({ scalar }) => scalar);
  assertEquals([await take(same.value), await take(same.gradients.scalar)], [[7], [1]]);
  // The parameter is still there.
  assertEquals([...await scalar.data()], [7]);
  const constant = ops.grad({ x }, () => ops.full([], 2));
  assertEquals(await take(constant.x), [0]);
  const captured = ops.grad({ x }, ({ x: own }) => ops.sum(ops.multiply(own, x)));
  assertEquals(await take(captured.x), [3]);
});

backendTest("grad() refuses what has no gradient, and leaves nothing behind", () => {
  const x = vector(1, 2);
  const before = internal.countTensors();
  assertThrows(
    () => ops.grad({ x }, ({ x }) => ops.square(x)),
    RangeError,
    "Cannot differentiate a tensor of 2: the function must give a scalar, see sum and mean",
  );
  assertThrows(
    () => ops.grad({ x }, ({ x }) => ops.sum(ops.grad({ x }, ({ x }) => ops.sum(x)).x)),
    Error,
    "Cannot differentiate within a function that is being differentiated",
  );
  assertThrows(
    () =>
      ops.grad({ x }, ({ x }) => {
        ops.exp(ops.square(x));
        throw new RangeError("Cannot go on");
      }),
    RangeError,
    "Cannot go on",
  );
  assertThrows(
    () => ops.grad({ x }, () => Promise.resolve() as unknown as Tensor),
    TypeError,
    "the function must give a tensor",
  );
  assertThrows(() => ops.grad({}, () => x), RangeError, "Cannot differentiate for no tensors");
  assertEquals(internal.countTensors(), before);
});

backendTest("customGradient() is asked for the gradient, with what was saved", async () => {
  const cube = (x: Tensor) =>
    ops.customGradient(
      { x },
      ({ x }) => ({ value: ops.power(x, 3), saved: { x } }),
      (dy, { x }) => ({ x: ops.multiply(dy, ops.multiply(100, x)) }),
    );
  assertEquals(await differentiate([1, 2], cube), [100, 200]);
  const before = internal.countTensors();
  const x = vector(2);
  const y = cube(x);
  assertEquals(await take(y), [8]);
  x.dispose();
  assertEquals(internal.countTensors(), before);
  assertThrows(
    () =>
      ops.grad({ x: vector(1, 2) }, ({ x }) =>
        ops.sum(ops.customGradient(
          { x },
          ({ x }) => ({ value: ops.exp(x), saved: {} }),
          () => ({ x: ops.full([3], 1) }),
        ))),
    RangeError,
    "Cannot take a tensor of 3 for the gradient of x: it takes one of 2",
  );
});

backendTest("customGradient() passes gradients on to what is before it", async () => {
  const gradient = await differentiate([3], (x) => {
    const square = ops.square(x);
    return ops.customGradient(
      { square },
      ({ square }) => ({ value: square, saved: {} }),
      (dy) => ({ square: ops.multiply(dy, 10) }),
    );
  });
  assertEquals(gradient, [60]);
});

backendTest("gradients at corners and ties are PyTorch's", async () => {
  const cases: readonly (readonly [readonly number[], (x: Tensor) => Tensor, readonly number[]])[] =
    [
      [[-1, 0, 1], ops.absolute, [-1, 0, 1]],
      [[-1, 0, 1], ops.relu, [0, 0, 1]],
      [[-1, 0, 3, 6, 7], ops.relu6, [0, 0, 1, 0, 0]],
      [[-1, 0, 2], (x) => ops.leakyRelu(x, { slope: 0.5 }), [0.5, 0.5, 1]],
      [[-2, -1, 0, 1, 2], (x) => ops.clip(x, -1, 1), [0, 1, 1, 1, 0]],
      [[1, 2, 3], (x) => ops.maximum(x, 2), [0, 0.5, 1]],
      [[1, 2, 3], (x) => ops.minimum(x, 2), [1, 0.5, 0]],
      [[3, 1, 3, 2], (x) => ops.max(x), [0.5, 0, 0.5, 0]],
      [[1, 3, 1, 1], (x) => ops.min(x), [1 / 3, 0, 1 / 3, 1 / 3]],
      [[0, 2], (x) => ops.power(x, 0), [0, 0]],
      [[0, 2], (x) => ops.power(x, 1), [1, 1]],
      [[-2, 0], (x) => ops.power(x, 2), [-4, 0]],
      [[-2, 2], (x) => ops.power(x, 3), [12, 12]],
      [[0, 1], (x) => ops.power(0, x), [0, 0]],
      [[5, 5, 1, 5], (x) => ops.maxPool2d(ops.reshape(x, [1, 2, 2, 1]), 2), [1, 0, 0, 0]],
      [
        [1, -1, 4],
        (x) => ops.where(ops.greater(x, 0), ops.sqrt(x), ops.multiply(x, 2)),
        [0.5, NaN, 0.25],
      ],
      [[1, -1], (x) => ops.where(ops.greater(x, 0), x, ops.multiply(x, 2)), [1, 2]],
      [[1, 2], (x) => ops.multiply(x, ops.cast(ops.greater(x, 1), "float32")), [0, 1]],
      [[1.5, 2], (x) => ops.multiply(x, ops.floor(x)), [1, 2]],
      [[2, 1], (x) => ops.multiply(x, ops.oneHot(ops.argMax(x), 2)), [1, 0]],
    ];
  for (const [x, fn, expected] of cases) {
    const actual = await differentiate(x, fn);
    const finite = (numbers: readonly number[]) => numbers.map((n) => Number.isNaN(n) ? 0 : n);
    assertEquals(actual.map(Number.isNaN), expected.map(Number.isNaN), `${x} ${fn}`);
    assertClose(finite(actual), finite(expected), 1e-6, `${x} ${fn}`);
  }
});

backendTest("a tensor may be released before its gradient is computed", async () => {
  const gradient = await differentiate([2, 3], (x) => {
    const square = ops.square(x);
    const y = ops.multiply(square, x);
    square.dispose();
    return y;
  });
  assertClose(gradient, [12, 27], 1e-6);
});

backendTest("a gradient that fails leaves nothing behind", () => {
  const w = toTensor(Float32Array.of(1, 2), [2]);
  const released = toTensor(Float32Array.of(1), [1]);
  released.dispose();
  const before = internal.countTensors();
  assertThrows(() => ops.valueAndGrad({ w, released }, ({ w }) => ops.sum(w)));
  assertThrows(
    () =>
      ops.valueAndGrad({ w }, ({ w }) =>
        ops.sum(ops.customGradient(
          { x: w },
          ({ x }) => ({ value: ops.square(x), saved: { x } }),
          () => {
            throw new Error("mine");
          },
        ))),
    Error,
    "mine",
  );
  assertEquals(internal.countTensors(), before);
  w.dispose();
});
