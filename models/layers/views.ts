/**
 * Networks that look at an image several times, and take the average of what they see: test-time augmentation.
 *
 * @module
 */

import { subtract } from "../ops/arithmetic.ts";
import { slice, stack } from "../ops/parts.ts";
import { logSumExp } from "../ops/reductions.ts";
import { flip } from "../ops/shapes.ts";
import { logSoftmax } from "../ops/softmax.ts";
import { isImageShape } from "../types/_shape.ts";
import type { Tensor } from "../types/tensor.ts";
import { checkInteger } from "./_check_settings.ts";
import { computeCropPlaces } from "./_crop_places.ts";
import { type Layer, layer } from "./layer.ts";

export type { Layer } from "./layer.ts";

/**
 * Describes a classifier that looks at an image and at its mirror image. It gives the logarithm of the mean of both softmaxes,
 * which are logits again. For use, not for training: it costs twice as much. The names of variables stay the classifier's own, so
 * that it takes those of a network which was trained without.
 *
 * @example Usage
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import * as rill from "@rill/rill/models";
 *
 * await using _backend = await rill.openBackend("wasm");
 * const classifier = rill.sequential([rill.flatten(), rill.linear(2)]);
 * const network = rill.getOrThrow(rill.build(rill.averageFlips(classifier), [1, 2, 1]));
 * const predict = rill.predictStep(network);
 * const images = { data: Float32Array.of(1, 3, 3, 1), shape: [2, 1, 2, 1] };
 * const { data } = await predict(network.init(rill.randomKey(0)), { images, size: 2 });
 * assertAlmostEquals(data[0]!, data[2]!, 1e-6);
 * ```
 *
 * @param body The classifier, from an image to logits.
 * @returns The layer, from an image to logits.
 */
export function averageFlips(body: Layer): Layer {
  return layer((input) => `AverageFlips(${body.describe(input)})`, (input, sub) => {
    if (!isImageShape(input)) return "an image";
    const built = sub("", body, input);
    return {
      outputShape: built.outputShape,
      kind: { type: "averageFlips", attributes: {} },
      apply: (x, _, pass) => averageViews([x, flip(x, 2)], (view) => built(view, pass)),
    };
  });
}

/** The settings of `averageTenCrops`. */
export interface TenCropOptions {
  /** The side of each crop, in pixels. */
  readonly size: number;
}

/**
 * Describes a classifier that looks at ten parts of an image: the corners, the middle, and the mirror images of these (Krizhevsky et
 * al., 2012). It gives the logarithm of the mean of their softmaxes, which are logits again. For use, not for training: it costs ten
 * times as much. The names of variables stay the classifier's own.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { averageTenCrops, build, flatten, getOrThrow, linear, sequential } from "@rill/rill/models";
 *
 * const classifier = sequential([flatten(), linear(3)]);
 * const network = getOrThrow(build(averageTenCrops(classifier, { size: 24 }), [28, 28, 1]));
 * assertEquals(network.parameters[0]?.shape, [3, 576]);
 * ```
 *
 * @param body The classifier, from a square image of that size to logits.
 * @param options The size.
 * @returns The layer, from an image of at least that size to logits. As PyTorch's `ten_crop` the middle begins at the rounded half
 * of what is left, of two integers the even one.
 * @throws {RangeError} If the size is no integer of at least 1.
 */
export function averageTenCrops(body: Layer, options: TenCropOptions): Layer {
  const { size } = options;
  checkInteger("averageTenCrops", { size }, 1);
  return layer((input) => `AverageTenCrops(${body.describe(input)})`, (input, sub) => {
    const [height = 0, width = 0, channels = 0] = input;
    if (!isImageShape(input) || height < size || width < size) {
      return `an image of at least ${size} x ${size} pixels`;
    }
    const built = sub("", body, [size, size, channels]);
    const places = computeCropPlaces(height, width, size);
    return {
      outputShape: built.outputShape,
      kind: { type: "averageTenCrops", attributes: { size } },
      apply: (x, _, pass) => {
        const crops = [x, flip(x, 2)].flatMap((image) =>
          places.map(([top, left]) =>
            slice(image, [0, top, left], [x.shape[0]!, top + size, left + size])
          )
        );
        return averageViews(crops, (view) => built(view, pass));
      },
    };
  });
}

/** Computes the logarithm of the mean softmax of several views' logits. */
function averageViews(views: readonly Tensor[], classify: (view: Tensor) => Tensor): Tensor {
  const logarithms = stack(views.map((view) => logSoftmax(classify(view))));
  return subtract(logSumExp(logarithms, { axis: 0 }), Math.log(views.length));
}
