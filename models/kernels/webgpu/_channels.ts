// Programs over tensors of which each channel, which come last, has numbers of its own.
import * as tf from "@tensorflow/tfjs-core";
import type { Rectifier } from "../definitions/_kernel_names.ts";
import { writeRectified } from "./_activations.ts";
import { chooseWidth } from "./sums/_channel_sums.ts";
import {
  dispatch,
  EACH_THREAD,
  makeOutput,
  type Program,
  spreadGroups,
  writeBindings,
} from "./device/_dispatch.ts";
import { getTypes, writeIsAtMostZero, writeIsNaN } from "./device/_float_bits.ts";
import type { GpuBackend } from "./device/_gpu_backend.ts";

/** Writes whether a rectifier passes a number on. */
export const writePasses = (rectifier: Rectifier, value: string, width: 1 | 4): string => {
  const isAbove = `!${writeIsAtMostZero(value, width)}`;
  // NaN passes, which is not below 6.
  return rectifier === "relu"
    ? isAbove
    : `(${isAbove} & !((${value} >= ${getTypes(width).float}(6)) & !${writeIsNaN(value, width)}))`;
};

/** A rectifier behind the normalization, and what that has done to each channel. */
export interface Rectified {
  readonly rectifier: Rectifier;
  readonly scale: tf.TensorInfo;
  readonly shift: tf.TensorInfo;
}

/** Writes a program over numbers of channels, which come last: `inputs` are tensors of their shape, `perChannel` has one number each. */
const getChannelsProgram = (
  name: string,
  inputs: readonly string[],
  perChannel: readonly string[],
  code: string,
  width: 1 | 4,
): Program => {
  const { float } = getTypes(width);
  return {
    key: `rill-${name}-${width}`,
    code: () =>
      `struct Settings { size : i32, columns : i32 }
${writeBindings(float, "y", [...inputs, ...perChannel])}
${EACH_THREAD}
  if (at >= s.size) { return; }
  let column = at % s.columns;
  ${code}
}
`,
  };
};

function runOverChannels(
  backend: GpuBackend,
  getProgram: (width: 1 | 4) => Program,
  tensors: readonly [x: tf.TensorInfo, ...others: tf.TensorInfo[]],
): tf.TensorInfo {
  const [{ shape }] = tensors;
  const columns = shape.at(-1)!;
  const width = chooseWidth(columns);
  const y = makeOutput(backend, shape);
  const size = tf.util.sizeFromShape(shape) / width;
  dispatch(
    backend,
    getProgram(width),
    [y, ...tensors],
    [size, columns / width],
    spreadGroups(backend, Math.ceil(size / 64)),
  );
  return y;
}

/** Computes `x · scale + shift` with a number of each for a channel, and limits it. */
export function scaleAndShift(
  backend: GpuBackend,
  x: tf.TensorInfo,
  scale: tf.TensorInfo,
  shift: tf.TensorInfo,
  rectifier?: Rectifier,
): tf.TensorInfo {
  return runOverChannels(
    backend,
    (width) => {
      const result = "x[at] * scale[column] + shift[column]";
      const name = `scale-and-shift${rectifier ? `-${rectifier}` : ""}`;
      const value = rectifier ? writeRectified(rectifier, "result", width) : "result";
      const code = `let result = ${result};\n  y[at] = ${value};`;
      return getChannelsProgram(name, ["x"], ["scale", "shift"], code, width);
    },
    [x, scale, shift],
  );
}

/** Computes `dy · scale + x · slope + offset` with a number of each for a channel, of the gradient that passes the rectifier. */
export function combine(
  backend: GpuBackend,
  { dy, scale, x, slope, offset }: Readonly<
    Record<"dy" | "scale" | "x" | "slope" | "offset", tf.TensorInfo>
  >,
  rectified?: Rectified,
): tf.TensorInfo {
  const result = (passed: string) =>
    `y[at] = ${passed} * scale[column] + (before * slope[column] + offset[column]);`;
  return runOverChannels(
    backend,
    (width) => {
      const { float } = getTypes(width);
      if (!rectified) {
        const code = `let before = x[at];\n  ${result("dy[at]")}`;
        return getChannelsProgram(
          "combine",
          ["dy", "x"],
          ["scale", "slope", "offset"],
          code,
          width,
        );
      }
      const { rectifier } = rectified;
      const code = `let before = x[at];
  let result = before * scale[column] + shift[column];
  let passed = select(${float}(0), dy[at], ${writePasses(rectifier, "result", width)});
  ${result("passed")}`;
      return getChannelsProgram(
        `combine-${rectifier}`,
        ["dy", "x"],
        ["scale", "slope", "offset", "shift"],
        code,
        width,
      );
    },
    [dy, x, scale, slope, offset, ...rectified ? [rectified.shift] : []],
  );
}
