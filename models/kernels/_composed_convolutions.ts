// The gradients of a convolution, written with the forward kernel. tfjs's own kernel for the filter's is missing (WASM) or
// runs a thread per weight over batch, height and width (WebGPU); that for the input's is slow too, an order of magnitude
// slower than the forward kernel, but takes any stride.
import * as tf from "@tensorflow/tfjs-core";
import { computeConvolutionInfo } from "./definitions/_convolution_info.ts";
import { FILTER_GRADIENT_ROWS } from "./definitions/_kernel_names.ts";
import type { Shape4D } from "./definitions/_kernel_signatures.ts";
import { replaceKernel } from "./definitions/_replace_kernel.ts";

type Pads = [[number, number], [number, number], [number, number], [number, number]];

/** Registers `FILTER_GRADIENT_ROWS` for a backend. */
export function registerComposedFilterRows(backendName: string): void {
  replaceKernel(backendName, FILTER_GRADIENT_ROWS, ({ inputs: { x, dy }, attrs }) => {
    const { start, end, filterShape: [, , , outputs] } = attrs;
    return tf.tidy(() => {
      const whole: tf.Tensor = tf.engine().runKernel(
        "Conv2DBackpropFilter",
        { x, dy } as unknown as tf.NamedTensorMap,
        attrs as unknown as tf.NamedAttrMap,
      );
      return tf.slice(tf.reshape(whole, [-1, outputs]), [start, 0], [end - start, outputs]);
    });
  });
}

/** Registers `Conv2DBackpropFilter` for a backend, and `Conv2DBackpropInput`, which leaves strides other than 1 to tfjs's. */
export function registerComposedConvolutions(backendName: string): void {
  replaceKernel(backendName, "Conv2DBackpropFilter", ({ inputs, attrs }) => {
    const { filterShape } = attrs;
    const x = inputs.x as tf.Tensor4D;
    const dy = inputs.dy as tf.Tensor4D;
    const info = computeConvolutionInfo(x.shape, filterShape, attrs);
    if (!info) throw new Error(`Cannot differentiate this convolution on ${backendName}`);
    const { padInfo: p } = info;
    return tf.tidy(() => {
      // Batch and channels change places: dFilter[i, j] = sum over n, y, x of X[n, y*s + i, x*s + j] * dY[n, y, x] is a
      // convolution of X with dY as its filter, dilated by the stride.
      const product = tf.conv2d(
        permute(x, [3, 1, 2, 0]),
        permute(dy, [1, 2, 0, 3]),
        1,
        toPadding(p.top, p.bottom, p.left, p.right),
        "NHWC",
        [info.strideHeight, info.strideWidth],
      );
      const [height, width, inputs, outputs] = filterShape;
      // Without the rows and columns that no output used where the stride doesn't divide the side.
      const cut = tf.slice4d(product, [0, 0, 0, 0], [inputs, height, width, outputs]);
      return tf.transpose(cut, [1, 2, 0, 3]);
    });
  });

  replaceKernel(backendName, "Conv2DBackpropInput", (call, original) => {
    const filter = call.inputs.filter as tf.Tensor4D;
    const dy = call.inputs.dy as tf.Tensor4D;
    const info = computeConvolutionInfo(call.attrs.inputShape, filter.shape, call.attrs);
    if (!info || info.strideHeight !== 1 || info.strideWidth !== 1) return original(call);
    const [kernelHeight, kernelWidth] = filter.shape;
    const { padInfo: p } = info;
    return tf.tidy(() =>
      // With more padding than a window needs some of these are negative, which both backends take for a cut.
      tf.conv2d(
        dy,
        tf.transpose(tf.reverse4d(filter, [0, 1]), [0, 1, 3, 2]) as tf.Tensor4D,
        1,
        toPadding(
          kernelHeight - 1 - p.top,
          kernelHeight - 1 - p.bottom,
          kernelWidth - 1 - p.left,
          kernelWidth - 1 - p.right,
        ),
      )
    );
  });
}

/** Permutes dimensions: by a mere reshape where only dimensions of length 1 move. */
function permute(x: tf.Tensor4D, order: Shape4D): tf.Tensor4D {
  const shape = order.map((d) => x.shape[d]!) as Shape4D;
  const moved = order.filter((_, i) => shape[i]! > 1);
  return moved.every((d, i) => i === 0 || moved[i - 1]! < d)
    ? tf.reshape(x, shape)
    : tf.transpose(x, order);
}

/** Gives padding as tfjs takes it: "valid" where there is none, for which backends have faster ways. */
function toPadding(top: number, bottom: number, left: number, right: number): Pads | "valid" {
  return top === 0 && bottom === 0 && left === 0 && right === 0
    ? "valid"
    : [[0, 0], [top, bottom], [left, right], [0, 0]];
}
