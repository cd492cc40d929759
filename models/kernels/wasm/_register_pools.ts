import { computeWindows, type Windows } from "../definitions/_pool_windows.ts";
import { accelerate, areFloats, makeOutput } from "./_accelerate.ts";
import type { PlacedWindows } from "./_functions.ts";

/** Registers pools and their gradients. */
export function registerPools(): void {
  accelerate("MaxPool", ({ functions, address }, { inputs: { x }, attrs, backend }) => {
    if (!areFloats(x)) return undefined;
    const windows = computeWindows(x.shape, attrs);
    return makeOutput(backend, getOutputShape(windows), (y) => {
      functions.maxPool(address(x), y, ...list(windows));
    });
  });

  accelerate("MaxPoolGrad", ({ functions, address }, { inputs, attrs, backend }) => {
    const { input, dy } = inputs;
    if (!areFloats(input, dy)) return undefined;
    const windows = computeWindows(input.shape, attrs);
    return makeOutput(backend, input.shape, (dx) => {
      functions.maxPoolGradient(address(input), address(dy), dx, ...list(windows));
    });
  });

  accelerate("AvgPool", ({ functions, address }, { inputs: { x }, attrs, backend }) => {
    if (!areFloats(x)) return undefined;
    const windows = computeWindows(x.shape, attrs);
    return makeOutput(backend, getOutputShape(windows), (y) => {
      functions.avgPool(address(x), y, ...list(windows));
    });
  });

  accelerate("AvgPoolGrad", ({ functions, address }, { inputs, attrs, backend }) => {
    const { input, dy } = inputs;
    if (!areFloats(input, dy)) return undefined;
    const windows = computeWindows(input.shape, attrs);
    return makeOutput(backend, input.shape, (dx) => {
      functions.avgPoolGradient(address(dy), dx, ...list(windows));
    });
  });
}

function getOutputShape({ input: [batch, , , channels], output }: Windows): readonly number[] {
  return [batch, ...output, channels];
}

const list = ({ input, output, window, strides, padding }: Windows): PlacedWindows => [
  ...input,
  ...output,
  ...window,
  ...strides,
  ...padding,
];
