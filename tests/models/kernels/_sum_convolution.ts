import type { Convolution } from "../../../models/kernels/wasm/_convolution.ts";

/** Describes a convolution with windows of `kernel` × `kernel`, one pixel apart or more. */
export function describeConvolution(
  [batch, height, width, inputChannels]: readonly [number, number, number, number],
  outputChannels: number,
  kernel: number,
  padding: number,
  stride = 1,
): Convolution {
  const axis = (input: number) => ({
    ...{ input, kernel, padding, stride },
    output: Math.floor((input + 2 * padding - kernel) / stride) + 1,
  });
  return { batch, inputChannels, outputChannels, rows: axis(height), columns: axis(width) };
}

/** Sums a convolution and its gradients up in double precision. */
export function sumUp(
  { batch, rows, columns, inputChannels, outputChannels }: Convolution,
  { x, filter, dy }: Readonly<Record<"x" | "filter" | "dy", Float32Array>>,
): Float64Array[] {
  const [y, dx, dFilter] = [dy, x, filter].map(({ length }) => new Float64Array(length));
  for (let i = 0; i < batch * rows.output * columns.output * rows.kernel * columns.kernel; i++) {
    const tap = i % (rows.kernel * columns.kernel);
    const pixel = (i - tap) / (rows.kernel * columns.kernel);
    const column = pixel % columns.output;
    const line = (pixel - column) / columns.output;
    const row = line % rows.output;
    const [u, v] = [
      row * rows.stride - rows.padding + Math.floor(tap / columns.kernel),
      column * columns.stride - columns.padding + tap % columns.kernel,
    ];
    if (u < 0 || v < 0 || u >= rows.input || v >= columns.input) continue;
    const image = (line - row) / rows.output;
    const source = ((image * rows.input + u) * columns.input + v) * inputChannels;
    for (let a = 0; a < inputChannels; a++) {
      for (let b = 0; b < outputChannels; b++) {
        const [weight, result] = [
          (tap * inputChannels + a) * outputChannels + b,
          pixel * outputChannels + b,
        ];
        y![result]! += x[source + a]! * filter[weight]!;
        dx![source + a]! += dy[result]! * filter[weight]!;
        dFilter![weight]! += dy[result]! * x[source + a]!;
      }
    }
  }
  return [y!, dx!, dFilter!];
}
