import type * as tf from "@tensorflow/tfjs-core";
import {
  CENTERED_PRODUCTS,
  CENTERED_SQUARES,
  COMBINE,
  RECTIFIED_COMBINE,
  RECTIFIED_PRODUCTS,
  RECTIFIED_SCALE_AND_SHIFT,
  type Rectifier,
  SCALE_AND_SHIFT,
} from "../definitions/_kernel_names.ts";
import { accelerate, getRectifierKind, makeOutput } from "./_accelerate.ts";
import type { BoundModule } from "./_bound_module.ts";
import type { WasmBackend } from "./_wasm_backend.ts";

/** Registers the passes of batch normalization over images, `[n, pixels, channels]`. */
export function registerBatchNorm(): void {
  accelerate(CENTERED_SQUARES, ({ functions, address }, { inputs: { x, mean }, backend }) => {
    const [batch, pixels, channels] = getSizes(x);
    return makeOutput(backend, [batch, channels], (y) => {
      functions.sumCenteredSquares(address(x), address(mean), y, batch, pixels, channels);
    });
  });

  accelerate(
    CENTERED_PRODUCTS,
    (module, { inputs, backend }) => sumProducts(module, backend, inputs),
  );
  accelerate(
    RECTIFIED_PRODUCTS,
    (module, { inputs, attrs, backend }) =>
      sumProducts(module, backend, inputs, { ...inputs, ...attrs }),
  );

  accelerate(
    SCALE_AND_SHIFT,
    (module, { inputs, backend }) => scaleAndShift(module, backend, inputs),
  );
  accelerate(
    RECTIFIED_SCALE_AND_SHIFT,
    (module, { inputs, attrs, backend }) => scaleAndShift(module, backend, inputs, attrs.rectifier),
  );

  accelerate(
    COMBINE,
    (module, { inputs, backend }) => combine(module, backend, { ...inputs, offset: inputs.shift }),
  );
  accelerate(
    RECTIFIED_COMBINE,
    (module, { inputs, attrs, backend }) =>
      combine(module, backend, inputs, { ...inputs, ...attrs }),
  );
}

type Inputs<Name extends string> = Readonly<Record<Name, tf.TensorInfo>>;

/** A rectifier, and what was done to numbers before it. */
interface Rectified extends Inputs<"scale" | "shift"> {
  readonly rectifier: Rectifier;
}

function sumProducts(
  { functions, address }: BoundModule,
  backend: WasmBackend,
  { dy, x, mean }: Inputs<"dy" | "x" | "mean">,
  rectified?: Rectified,
): tf.TensorInfo[] {
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
      rectified ? address(rectified.scale) : 0,
      rectified ? address(rectified.shift) : 0,
      getRectifierKind(rectified?.rectifier),
    );
  });
  return [own, products];
}

function scaleAndShift(
  { functions, address }: BoundModule,
  backend: WasmBackend,
  { x, scale, shift }: Inputs<"x" | "scale" | "shift">,
  rectifier?: Rectifier,
): tf.TensorInfo {
  const [batch, pixels, channels] = getSizes(x);
  return makeOutput(backend, x.shape, (y) => {
    functions.scaleAndShift(
      address(x),
      address(scale),
      address(shift),
      y,
      batch * pixels,
      channels,
      getRectifierKind(rectifier),
    );
  });
}

function combine(
  { functions, address }: BoundModule,
  backend: WasmBackend,
  { dy, scale, x, slope, offset }: Inputs<"dy" | "scale" | "x" | "slope" | "offset">,
  rectified?: Rectified,
): tf.TensorInfo {
  const [batch, pixels, channels] = getSizes(x);
  return makeOutput(backend, x.shape, (dx) => {
    functions.combine(
      address(dy),
      address(scale),
      address(x),
      address(slope),
      address(offset),
      dx,
      batch * pixels,
      channels,
      rectified ? address(rectified.shift) : 0,
      getRectifierKind(rectified?.rectifier),
    );
  });
}

const getSizes = ({ shape }: tf.TensorInfo): [batch: number, pixels: number, channels: number] =>
  shape as [number, number, number];
