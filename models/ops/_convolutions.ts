// Convolutions of every kind by the kernels that there are, with gradients for each of them.
import * as tf from "@tensorflow/tfjs-core";
import { concatenate } from "./_base/concatenate.ts";
import { markSummable } from "./_base/batch_sums.ts";
import { run, withGradient } from "./_base/differentiable.ts";
import { sumOverRows } from "./_base/row_sums.ts";
import { findSharedFilter } from "./_base/shared_products.ts";
import { spread } from "./_base/slices.ts";
import { type Pair, type Sides, toKernelPadding } from "./_windows.ts";

/** The settings of a convolution. */
export interface Convolution {
  readonly strides: Pair;
  readonly dilation: Pair;
  readonly padding: Sides;
  readonly groups: number;
}

type Shape4D = [number, number, number, number];

/** Gives the settings as the kernels take them. */
function toAttrs({ strides, dilation, padding }: Convolution): object {
  return {
    strides: [...strides],
    pad: toKernelPadding(padding),
    dataFormat: "NHWC",
    dilations: [...dilation],
  };
}

/** Convolves all channels with all filters. */
export function convolve(x: tf.Tensor, filter: tf.Tensor, convolution: Convolution): tf.Tensor {
  const attrs = toAttrs(convolution);
  const [inputShape, filterShape] = [x.shape, filter.shape] as Shape4D[];
  const { dilation } = convolution;
  const isDense = dilation[0] === 1 && dilation[1] === 1;
  const shareFilter = isDense ? findSharedFilter(x, filter) : undefined;
  const y = withGradient(
    { x, filter },
    (save) => {
      save([x, filter]);
      return run("Conv2D", { x, filter }, attrs);
    },
    (dy, [x, filter]) => ({
      x: () =>
        isDense
          ? run("Conv2DBackpropInput", { dy, filter: filter!, x: x! }, { ...attrs, inputShape })
          : computeDilatedInputGradient(dy, filter!, inputShape!, convolution),
      filter: isDense
        ? shareFilter?.(x!, dy, attrs) ??
          sumOverRows("Conv2DBackpropFilter", { x: x!, dy }, { ...attrs, filterShape })
        : () => computeDilatedFilterGradient(x!, dy, filterShape!, convolution),
    }),
  );
  return markSummable(y, ["x", "filter"]);
}

/**
 * Computes the input's gradient of a dilated convolution: a convolution of the result's, spread by the strides, with the turned
 * filter.
 */
function computeDilatedInputGradient(
  dy: tf.Tensor,
  filter: tf.Tensor,
  [, height, width]: Shape4D,
  { strides, dilation, padding: [top, , left] }: Convolution,
): tf.Tensor {
  const [down, across] = filter.shape as Shape4D;
  const [, rows, columns] = dy.shape as Shape4D;
  const [spreadRows, spreadColumns] = [(rows - 1) * strides[0] + 1, (columns - 1) * strides[1] + 1];
  const wide = spread(dy, [1, ...strides, 1], [
    dy.shape[0]!,
    spreadRows,
    spreadColumns,
    dy.shape[3]!,
  ]);
  const reach = [(down - 1) * dilation[0], (across - 1) * dilation[1]] as const;
  // As much around it as gives the image's size back; where that is negative, cut off before.
  const before = [reach[0] - top, reach[1] - left] as const;
  const after = [
    height + reach[0] - before[0] - spreadRows,
    width + reach[1] - before[1] - spreadColumns,
  ] as const;
  const cut = cutEdges(wide, [before[0], after[0]], [before[1], after[1]]);
  // Of windows that saw nothing but padding nothing is left.
  if (!cut) return tf.zeros([dy.shape[0]!, height, width, filter.shape[2]!]);
  const turned = tf.transpose(tf.reverse(filter, [0, 1]), [0, 1, 3, 2]);
  const positive = (n: number) => Math.max(n, 0);
  return run("Conv2D", { x: cut, filter: turned }, {
    strides: [1, 1],
    pad: toKernelPadding([
      positive(before[0]),
      positive(after[0]),
      positive(before[1]),
      positive(after[1]),
    ]),
    dataFormat: "NHWC",
    dilations: [...dilation],
  });
}

/** Cuts rows and columns off where padding is negative; gives nothing where none are left. */
function cutEdges(x: tf.Tensor, rows: Pair, columns: Pair): tf.Tensor | undefined {
  const [batch, height, width, channels] = x.shape as Shape4D;
  const [top, bottom, left, right] = [...rows, ...columns].map((n) => Math.max(-n, 0)) as [
    number,
    number,
    number,
    number,
  ];
  if (top + bottom + left + right === 0) return x;
  const [restHeight, restWidth] = [height - top - bottom, width - left - right];
  if (restHeight < 1 || restWidth < 1) return undefined;
  return tf.slice(x, [0, top, left, 0], [batch, restHeight, restWidth, channels]);
}

/**
 * Computes the filter's gradient of a dilated convolution: one of the image with the result's, batch and channels exchanged,
 * where strides and dilation change places.
 */
function computeDilatedFilterGradient(
  x: tf.Tensor,
  dy: tf.Tensor,
  [down, across, inputs, outputs]: Shape4D,
  { strides, dilation, padding }: Convolution,
): tf.Tensor {
  const product = run("Conv2D", {
    x: tf.transpose(x, [3, 1, 2, 0]),
    filter: tf.transpose(dy, [1, 2, 0, 3]),
  }, {
    strides: [...dilation],
    pad: toKernelPadding(padding),
    dataFormat: "NHWC",
    dilations: [...strides],
  });
  // Without the rows and columns that no output used where the stride doesn't divide the side.
  const cut = tf.slice(product, [0, 0, 0, 0], [inputs, down, across, outputs]);
  return tf.transpose(cut, [1, 2, 0, 3]);
}

/** Convolves each group of channels with its group of filters. */
export function convolveInGroups(
  x: tf.Tensor,
  filter: tf.Tensor,
  convolution: Convolution,
): tf.Tensor {
  const { groups } = convolution;
  if (groups === x.shape[3]) return convolveDepthwise(x, filter, convolution);
  return tf.tidy(() => {
    const filters = tf.split(filter, groups, 3);
    const products = tf.split(x, groups, 3)
      .map((images, group) => convolve(images, filters[group]!, convolution));
    return concatenate(products, 3);
  });
}

/** Convolves each channel with filters of its own. */
function convolveDepthwise(
  x: tf.Tensor,
  filter: tf.Tensor,
  convolution: Convolution,
): tf.Tensor {
  const [inputShape, filterShape] = [x.shape, filter.shape] as [Shape4D, Shape4D];
  const channels = inputShape[3];
  const [down, across, , filters] = filterShape;
  // The kernels have the filters of a channel as a dimension of their own.
  const perChannel: Shape4D = [down, across, channels, filters / channels];
  const attrs = toAttrs(convolution);
  const y = withGradient(
    { x, filter },
    (save) => {
      save([x, filter]);
      const weights = tf.reshape(filter, perChannel);
      return run("DepthwiseConv2dNative", { x, filter: weights }, attrs);
    },
    (dy, [x, filter]) => ({
      x: () =>
        run("DepthwiseConv2dNativeBackpropInput", {
          dy,
          filter: tf.reshape(filter!, perChannel),
        }, { ...attrs, inputShape }),
      filter: () =>
        tf.reshape(
          run("DepthwiseConv2dNativeBackpropFilter", { x: x!, dy }, {
            ...attrs,
            filterShape: perChannel,
          }),
          filterShape,
        ),
    }),
  );
  return markSummable(y, ["x", "filter"]);
}
