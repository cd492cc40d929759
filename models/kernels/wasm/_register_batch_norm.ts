import type * as tf from "@tensorflow/tfjs-core";
import {
  CENTERED_PRODUCTS,
  CENTERED_SQUARES,
  COMBINE,
  SCALE_AND_SHIFT,
} from "../definitions/_kernel_names.ts";
import { accelerate, makeOutput } from "./_accelerate.ts";

/** Registers the passes of batch normalization over images, `[n, pixels, channels]`. */
export function registerBatchNorm(): void {
  accelerate(CENTERED_SQUARES, ({ functions, address }, { inputs: { x, mean }, backend }) => {
    const [batch, pixels, channels] = getSizes(x);
    return makeOutput(backend, [batch, channels], (y) => {
      functions.sumCenteredSquares(address(x), address(mean), y, batch, pixels, channels);
    });
  });

  accelerate(CENTERED_PRODUCTS, ({ functions, address }, { inputs, backend }) => {
    const { dy, x, mean } = inputs;
    const [batch, pixels, channels] = getSizes(x);
    const own = makeOutput(backend, [batch, channels], () => {});
    const products = makeOutput(backend, [batch, channels], (products) => {
      functions.sumCenteredProducts(
        address(dy),
        address(x),
        address(mean),
        address(own),
        products,
        batch,
        pixels,
        channels,
      );
    });
    return [own, products];
  });

  accelerate(SCALE_AND_SHIFT, ({ functions, address }, { inputs, backend }) => {
    const { x, scale, shift } = inputs;
    const [batch, pixels, channels] = getSizes(x);
    return makeOutput(backend, x.shape, (y) => {
      functions.scaleAndShift(
        address(x),
        address(scale),
        address(shift),
        y,
        batch * pixels,
        channels,
      );
    });
  });

  accelerate(COMBINE, ({ functions, address }, { inputs, backend }) => {
    const { dy, scale, x, slope, shift } = inputs;
    const [batch, pixels, channels] = getSizes(x);
    return makeOutput(backend, x.shape, (dx) => {
      functions.combine(
        address(dy),
        address(scale),
        address(x),
        address(slope),
        address(shift),
        dx,
        batch * pixels,
        channels,
      );
    });
  });
}

const getSizes = ({ shape }: tf.TensorInfo): [batch: number, pixels: number, channels: number] =>
  shape as [number, number, number];
