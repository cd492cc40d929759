import * as tf from "@tensorflow/tfjs-core";
import { REPEAT } from "../definitions/_kernel_names.ts";
import { accelerate, makeOutput } from "./_accelerate.ts";
import type { WasmBackend } from "./_wasm_backend.ts";

/** Registers the kernels that put tensors together and cut them: tfjs's own are loops in JavaScript. */
export function registerCopies(): void {
  accelerate("Concat", ({ functions, address }, { inputs, attrs, backend }) => {
    const tensors = Object.values<tf.TensorInfo>(inputs);
    const parts = tensors.filter(({ shape }) => !shape.includes(0));
    const [first] = parts;
    if (!first || !tensors.every(isOfWords)) return undefined;
    const axis = tf.util.parseAxisParam(attrs.axis, first.shape)[0]!;
    const rows = tf.util.sizeFromShape(first.shape.slice(0, axis));
    const lengths = parts.map(({ shape }) => 4 * tf.util.sizeFromShape(shape.slice(axis)));
    const whole = lengths.reduce((a, b) => a + b);
    const shape = first.shape.with(axis, parts.reduce((sum, x) => sum + x.shape[axis]!, 0));
    return makeAlike(backend, first, shape, (y) => {
      let at = y;
      for (const [i, part] of parts.entries()) {
        functions.copyRows(address(part), at, rows, lengths[i]!, whole, lengths[i]!);
        at += lengths[i]!;
      }
    });
  });

  accelerate("Slice", ({ functions, address }, { inputs: { x }, attrs, backend }) => {
    const [begin, size] = tf.slice_util.parseSliceParams(
      x as tf.Tensor,
      attrs.begin,
      attrs.size,
    ) as [number[], number[]];
    tf.slice_util.assertParamsValid(x as tf.Tensor, begin, size);
    const cut = size.flatMap((length, d) => length === x.shape[d] ? [] : [d]);
    const [axis = 0] = cut;
    // Of a part that is cut along one dimension each row is in one piece.
    if (cut.length > 1 || !isOfWords(x) || x.shape.includes(0) || size.includes(0)) {
      return undefined;
    }
    const rows = tf.util.sizeFromShape(x.shape.slice(0, axis));
    const bytes = 4 * tf.util.sizeFromShape(x.shape.slice(axis + 1));
    return makeAlike(backend, x, size, (y) => {
      functions.copyRows(
        address(x) + begin[axis]! * bytes,
        y,
        rows,
        x.shape[axis]! * bytes,
        size[axis]! * bytes,
        size[axis]! * bytes,
      );
    });
  });

  accelerate(REPEAT, ({ functions, address }, { inputs: { x }, attrs: { rows }, backend }) => {
    const [batch = 0, , columns = 0] = x.shape;
    const bytes = 4 * columns;
    return makeOutput(backend, [batch, rows, columns], (y) => {
      for (let i = 0; i < batch; i++) {
        functions.copyRows(address(x) + i * bytes, y + i * rows * bytes, rows, 0, bytes, bytes);
      }
    });
  });
}

/** Tells whether the elements of a tensor are words of 32 bits. */
const isOfWords = ({ dtype }: tf.TensorInfo): boolean => dtype === "float32" || dtype === "int32";

/** Makes a tensor of the same type as another. */
function makeAlike(
  backend: WasmBackend,
  { dtype }: tf.TensorInfo,
  shape: readonly number[],
  write: (address: number) => void,
): tf.TensorInfo {
  return makeOutput(backend, shape, write, dtype);
}
