// Parts of tensors with steps, whose gradient the library lacks.
import * as tf from "@tensorflow/tfjs-core";
import { run, withGradient } from "./differentiable.ts";
import { describeShape, refuse } from "./operands.ts";

/** Where a part lies. */
export interface SliceBounds {
  readonly begin: number[];
  /** The lengths before steps are taken. */
  readonly size: number[];
  readonly strides: number[];
  /** The shape of the result. */
  readonly shape: number[];
  /** Whether it is the whole tensor. */
  readonly isWhole: boolean;
}

/** Computes where a part lies, by the rules of an array's `slice`. */
export function computeSlice(
  shape: readonly number[],
  begin: readonly number[],
  end: readonly number[],
  strides: readonly number[],
): SliceBounds {
  const isWrong =
    [begin, end, strides].some((places) =>
      places.length > shape.length || !places.every(Number.isInteger)
    ) || strides.some((stride) => stride < 1);
  if (isWrong) {
    refuse(
      "slice",
      [shape],
      `there is no part from ${describeShape(begin)} to ${describeShape(end)} with steps of ${
        describeShape(strides)
      }`,
    );
  }
  const resolve = (place: number, length: number) =>
    Math.min(Math.max(place < 0 ? place + length : place, 0), length);
  const first = shape.map((length, d) => resolve(begin[d] ?? 0, length));
  const size = shape.map((length, d) => Math.max(resolve(end[d] ?? length, length) - first[d]!, 0));
  const steps = shape.map((_, d) => strides[d] ?? 1);
  const result = size.map((length, d) => Math.ceil(length / steps[d]!));
  const isWhole = result.every((length, d) => length === shape[d]);
  return { begin: first, size, strides: steps, shape: result, isWhole };
}

/** Takes every so many elements along each dimension. */
export function takeEvery(x: tf.Tensor, { strides, shape, size }: SliceBounds): tf.Tensor {
  return withGradient(
    { x },
    () =>
      run("StridedSlice", { x }, {
        begin: shape.map(() => 0),
        end: size,
        strides,
        beginMask: 0,
        endMask: 0,
        ellipsisMask: 0,
        newAxisMask: 0,
        shrinkAxisMask: 0,
      }),
    (dy) => ({ x: () => spread(dy, strides, size) }),
  );
}

/** Puts zeros between the elements along each dimension, and after the last up to a length. */
export function spread(
  x: tf.Tensor,
  strides: readonly number[],
  size: readonly number[],
): tf.Tensor {
  const spaced = strides.reduce((y, stride, d) => {
    if (stride === 1) return y;
    const [before, after] = [y.shape.slice(0, d), y.shape.slice(d + 1)];
    const length = y.shape[d]!;
    const rows = tf.util.sizeFromShape(before) * length;
    const columns = tf.util.sizeFromShape(after);
    const wide = tf.pad(tf.reshape(y, [rows, 1, columns]), [[0, 0], [0, stride - 1], [0, 0]]);
    return tf.reshape(wide, [...before, length * stride, ...after]);
  }, x);
  // There may be too many zeros after the last, or too few.
  const kept = spaced.shape.map((length, d) => Math.min(length, size[d]!));
  const cut = kept.every((length, d) => length === spaced.shape[d])
    ? spaced
    : tf.slice(spaced, kept.map(() => 0), kept);
  return kept.every((length, d) => length === size[d])
    ? cut
    : tf.pad(cut, kept.map((length, d) => [0, size[d]! - length]));
}
