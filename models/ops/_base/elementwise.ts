// Operations that go over tensors element by element.
import * as tf from "@tensorflow/tfjs-core";
import type { DataType, Tensor } from "../../types/tensor.ts";
import { run, withoutGradient } from "./differentiable.ts";
import {
  checkOpen,
  computeBroadcastShape,
  isEmpty,
  makeConstant,
  open,
  openFloats,
} from "./operands.ts";
import { fromTfjs } from "./tfjs.ts";

/** Runs a kernel over the elements of a tensor. */
export function runUnary(operation: string, kernel: string, x: Tensor, attrs?: object): Tensor {
  const input = openFloats(operation, x);
  return fromTfjs(
    isEmpty(input) ? makeConstant({ input }, input.shape) : run(kernel, { x: input }, attrs),
  );
}

/** Runs a kernel whose gradient is 0 wherever it has one. */
export function runStep<D extends DataType = "float32">(
  operation: string,
  kernel: string,
  x: Tensor,
): Tensor<D> {
  return fromTfjs<D>(withoutGradient(() => {
    const input = openFloats(operation, x);
    if (!isEmpty(input)) return run(kernel, { x: input });
    return tf.zeros(input.shape, kernel.startsWith("Is") ? "bool" : "float32");
  }));
}

/** Runs a kernel over the elements of two tensors that are broadcast, or of one and a number. */
export function runBinary(
  operation: string,
  kernel: string,
  a: Tensor | number,
  b: Tensor | number,
): Tensor {
  return fromTfjs(withOperands(operation, a, b, ["float32"], (a, b) => {
    const shape = computeBroadcastShape(operation, a.shape, b.shape);
    return shape.includes(0) ? makeConstant({ a, b }, shape) : run(kernel, { a, b });
  }));
}

/** Runs a kernel that compares the elements of two tensors of one type, or of one and a number. No gradient passes. */
export function runComparison<D extends DataType>(
  operation: string,
  kernel: string,
  a: Tensor<D> | number,
  b: Tensor<D> | number,
  types: readonly DataType[],
): Tensor<"bool"> {
  return fromTfjs(withoutGradient(() =>
    withOperands(operation, a, b, types, (a, b) => {
      const shape = computeBroadcastShape(operation, a.shape, b.shape);
      return shape.includes(0) ? tf.zeros([...shape], "bool") : run(kernel, { a, b });
    })
  ));
}

/** Calls `fn` with two operands of which one may be a number, which is made a tensor for as long. */
export function withOperands<D extends DataType>(
  operation: string,
  a: Tensor<D> | number,
  b: Tensor<D> | number,
  types: readonly DataType[],
  fn: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor,
): tf.Tensor {
  if (typeof a !== "number" && typeof b !== "number") {
    const [left, right] = [open(operation, a, ...types), open(operation, b, ...types)];
    if (left.dtype !== right.dtype) {
      throw new TypeError(
        `Cannot apply ${operation} to tensors of ${left.dtype} and ${right.dtype}: ` +
          "it takes two of one type, see cast",
      );
    }
    return fn(left, right);
  }
  checkOpen(`apply ${operation}`);
  const other = typeof a === "number" ? b : a;
  const tensor = typeof other === "number" ? undefined : open(operation, other, ...types);
  const made: tf.Tensor[] = [];
  const give = (operand: Tensor<D> | number): tf.Tensor => {
    if (typeof operand !== "number") return tensor!;
    const scalar = tf.scalar(operand, tensor?.dtype === "int32" ? "int32" : "float32");
    made.push(scalar);
    return scalar;
  };
  try {
    return fn(give(a), give(b));
  } finally {
    for (const scalar of made) scalar.dispose();
  }
}
