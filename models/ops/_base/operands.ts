// What operations do with their operands before they compute: a few comparisons, so that what is wrong is told in our words
// and what is empty never reaches a kernel.
import * as tf from "@tensorflow/tfjs-core";
import { BackendError } from "../../backend/backend_error.ts";
import { formatShape } from "../../types/_shape.ts";
import type { DataType, Tensor } from "../../types/tensor.ts";
import { withGradient } from "./differentiable.ts";

/** Writes a shape for people, that of a scalar too. */
export function describeShape(shape: readonly number[]): string {
  return formatShape(shape) || "no dimension";
}

/** Throws a RangeError that says why an operation can't be applied to tensors, with all of their shapes. */
export function refuse(
  operation: string,
  shapes: readonly (readonly number[])[],
  why: string,
): never {
  const listed = shapes.map(describeShape).join(" and ");
  const operands = shapes.length === 1 ? `a tensor of ${listed}` : `tensors of ${listed}`;
  throw new RangeError(`Cannot apply ${operation} to ${operands}: ${why}`);
}

/** Throws a BackendError unless a backend is open. */
export function checkOpen(what: string): void {
  if (tf.engine().backendName) return;
  throw new BackendError("none", `Cannot ${what} as no backend is open: see openBackend`, {
    code: "not-open",
  });
}

/** Gives a tensor to the library: it must be alive, of the backend that is open, and of one of the types. */
export function open(
  operation: string,
  x: Tensor<DataType>,
  ...types: readonly DataType[]
): tf.Tensor {
  return openFor(`apply ${operation} to`, x, ...types);
}

/** The number of dimensions that kernels know: beyond it some give garbage and say nothing. */
const MAX_RANK = 6;

/** Does the same as `open` for anything: `what` comes before the tensor in the error's message. */
export function openFor(what: string, x: unknown, ...types: readonly DataType[]): tf.Tensor {
  if (!(x instanceof tf.Tensor)) {
    throw new TypeError(`Cannot ${what} ${x}: it is not a tensor`);
  }
  const found = `a tensor of ${describeShape(x.shape)}`;
  if (x.isDisposed) throw new TypeError(`Cannot ${what} ${found}: it was disposed`);
  checkOpen(what.replace(/ to$/, ""));
  const engine = tf.engine();
  if (engine.state.tensorInfo.get(x.dataId)?.backend !== engine.backend) {
    throw new TypeError(
      `Cannot ${what} ${found}: its backend was closed, or is not the one that is open`,
    );
  }
  if (types.length > 0 && !types.some((type) => type === x.dtype)) {
    throw new TypeError(
      `Cannot ${what} a tensor of ${x.dtype}: it takes ${types.join(" or ")}, see cast`,
    );
  }
  checkRank(what, x.shape);
  return x;
}

/** Throws a RangeError for more dimensions than there can be. */
export function checkRank(what: string, shape: readonly number[]): void {
  if (shape.length <= MAX_RANK) return;
  throw new RangeError(
    `Cannot ${what} a tensor of ${
      describeShape(shape)
    }: it may have at most ${MAX_RANK} dimensions`,
  );
}

/** Throws a RangeError for a shape that no tensor can have. */
export function checkShape(shape: readonly number[]): void {
  if (!shape.every((length) => Number.isSafeInteger(length) && length >= 0)) {
    throw new RangeError(
      `Cannot make a tensor of ${describeShape(shape)}: a length is an integer from 0`,
    );
  }
  checkRank("make", shape);
}

/** Throws unless something is a tensor of numbers in single precision that can be computed with. */
export function checkFloats(what: string, x: unknown): asserts x is Tensor {
  openFor(what, x, "float32");
}

/** Opens a tensor of numbers in single precision. */
export function openFloats(operation: string, x: Tensor): tf.Tensor {
  return open(operation, x, "float32");
}

/** Tells whether a tensor has no elements. */
export function isEmpty({ size }: tf.Tensor): boolean {
  return size === 0;
}

/** Makes the result of operands of which nothing can be computed: numbers that are all the same. All gradients are 0. */
export function makeConstant<Name extends string>(
  inputs: Readonly<Record<Name, tf.Tensor>>,
  shape: readonly number[],
  value = 0,
  dtype: DataType = "float32",
): tf.Tensor {
  const shapes = Object.entries<tf.Tensor>(inputs).map(([name, x]) => [name, x.shape] as const);
  return withGradient(
    inputs,
    () => value === 0 ? tf.zeros([...shape], dtype) : tf.fill([...shape], value),
    () =>
      Object.fromEntries(
        shapes.map(([name, shape]) => [name, () => tf.zeros(shape)]),
      ) as unknown as Record<Name, () => tf.Tensor>,
  );
}

/** Computes the shape to which operands are broadcast. */
export function computeBroadcastShape(
  operation: string,
  a: readonly number[],
  b: readonly number[],
): readonly number[] {
  const rank = Math.max(a.length, b.length);
  const shape = new Array<number>(rank);
  for (let d = 1; d <= rank; d++) {
    const [left, right] = [a[a.length - d] ?? 1, b[b.length - d] ?? 1];
    if (left !== right && left !== 1 && right !== 1) {
      refuse(operation, [a, b], "their shapes can't be broadcast to one");
    }
    shape[rank - d] = left === 1 ? right : left;
  }
  return shape;
}

/** Gives an axis as one from 0. */
export function resolveAxis(operation: string, shape: readonly number[], axis: number): number {
  const rank = shape.length;
  if (!Number.isInteger(axis) || axis < -rank || axis >= rank) {
    refuse(operation, [shape], `axis ${axis} is not one of its ${rank} dimensions`);
  }
  return axis < 0 ? axis + rank : axis;
}

/** Gives axes as ones from 0, in their order: all of them where none is said. */
export function resolveAxes(
  operation: string,
  shape: readonly number[],
  axis: number | readonly number[] | undefined,
): readonly number[] {
  if (axis === undefined) return shape.map((_, d) => d);
  const axes = (typeof axis === "number" ? [axis] : axis)
    .map((each) => resolveAxis(operation, shape, each));
  if (new Set(axes).size < axes.length) {
    refuse(operation, [shape], `axes ${axis} name a dimension twice`);
  }
  return axes.toSorted((a, b) => a - b);
}
