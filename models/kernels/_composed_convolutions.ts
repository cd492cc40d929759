// The gradients of a convolution, written with the forward kernel. tfjs's own kernel for the filter's is missing (WASM) or
// runs a thread per weight over batch, height and width (WebGPU); that for the input's is slow too, an order of magnitude
// slower than the forward kernel, but takes any stride.
import * as tf from "@tensorflow/tfjs-core";
import { convInfo, type ConvolutionAttrs } from "./definitions/_convolution_info.ts";
import { replaceKernel } from "./definitions/_replace_kernel.ts";

type Pads = [[number, number], [number, number], [number, number], [number, number]];

const pads = (top: number, bottom: number, left: number, right: number): Pads => [
  [0, 0],
  [top, bottom],
  [left, right],
  [0, 0],
];

/** Registers `Conv2DBackpropFilter` for a backend, and `Conv2DBackpropInput`, which leaves strides other than 1 to tfjs's. */
export function registerComposedConvolutions(backendName: string): void {
  replaceKernel(backendName, "Conv2DBackpropFilter", ({ inputs, attrs }) => {
    const { filterShape } = attrs as unknown as { filterShape: [number, number, number, number] };
    const x = inputs.x as tf.Tensor4D;
    const dy = inputs.dy as tf.Tensor4D;
    const info = convInfo(x.shape, filterShape, attrs as unknown as ConvolutionAttrs);
    if (!info) throw new Error(`Cannot differentiate this convolution on ${backendName}`);
    const { padInfo: p } = info;
    return tf.tidy(() => {
      // Batch and channels change places: dFilter[i, j] = sum over n, y, x of X[n, y*s + i, x*s + j] * dY[n, y, x] is a
      // convolution of X with dY as its filter, dilated by the stride.
      const product = tf.conv2d(
        view(x, [3, 1, 2, 0]),
        view(dy, [1, 2, 0, 3]),
        1,
        explicit(pads(p.top, p.bottom, p.left, p.right)),
        "NHWC",
        [info.strideHeight, info.strideWidth],
      );
      const [height, width, inputs, outputs] = filterShape;
      // Rows and columns that no output used where the stride doesn't divide the side.
      const cut = tf.slice4d(product, [0, 0, 0, 0], [inputs, height, width, outputs]);
      return tf.transpose(cut, [1, 2, 0, 3]);
    });
  });

  replaceKernel(backendName, "Conv2DBackpropInput", ({ inputs, attrs, backend }, original) => {
    const { inputShape } = attrs as unknown as { inputShape: [number, number, number, number] };
    const filter = inputs.filter as tf.Tensor4D;
    const dy = inputs.dy as tf.Tensor4D;
    const info = convInfo(inputShape, filter.shape, attrs as unknown as ConvolutionAttrs);
    if (!info || info.strideHeight !== 1 || info.strideWidth !== 1) {
      return original!({ inputs, attrs, backend });
    }
    const [kernelHeight, kernelWidth] = filter.shape;
    const { padInfo: p } = info;
    return tf.tidy(() =>
      // With more padding than a window needs some of these are negative, which both backends take for a cut.
      tf.conv2d(
        dy,
        tf.transpose(tf.reverse4d(filter, [0, 1]), [0, 1, 3, 2]) as tf.Tensor4D,
        1,
        explicit(pads(
          kernelHeight - 1 - p.top,
          kernelHeight - 1 - p.bottom,
          kernelWidth - 1 - p.left,
          kernelWidth - 1 - p.right,
        )),
      )
    );
  });
}

/** A transposition that is a mere reshape where only dimensions of length 1 move. */
function view(x: tf.Tensor4D, order: [number, number, number, number]): tf.Tensor4D {
  const moved = order.filter((d) => x.shape[d] > 1);
  return moved.every((d, i) => i === 0 || moved[i - 1] < d)
    ? tf.reshape(x, order.map((d) => x.shape[d]) as [number, number, number, number])
    : tf.transpose(x, order);
}

/** "valid" where there is nothing to pad: backends have faster ways for it. */
function explicit(padding: Pads): Pads | "valid" {
  return padding.flat().every((side) => side === 0) ? "valid" : padding;
}
