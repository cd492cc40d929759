// Convolutions of images of one channel to few. As products they would be narrow ones: a filter of 5 x 5 fills five of eight rows of
// two tiles, six outputs fill six of eight columns. So pixels of a line are computed side by side instead.
import type { BoundModule } from "./_bound_module.ts";
import type { Convolution } from "./_convolution.ts";

/** The most output channels: from 8 on they fill a product's columns. */
const MOST_OUTPUTS = 7;

/** Tells whether a convolution is computed by lines. */
export function isForLines(
  { rows, columns, inputChannels, outputChannels }: Convolution,
): boolean {
  return inputChannels === 1 && outputChannels >= 2 && outputChannels <= MOST_OUTPUTS &&
    rows.stride === 1 && columns.stride === 1 && rows.kernel * columns.kernel >= 4 &&
    columns.output >= 16 && columns.output % 4 === 0;
}

/** Computes the output, given the addresses of images, filter and output. What of the filter isn't finite makes NaN of padding. */
export function convolveByLines(
  module: BoundModule,
  convolution: Convolution,
  x: number,
  filter: number,
  y: number,
): void {
  const images = module.workspace(countImageBytes(convolution));
  padImages(module, convolution, x, images);
  module.functions.convolveLines(images, filter, y, ...listSizes(convolution));
}

/**
 * Computes the gradient of the filter, given the addresses of images, of the output's gradient and of the result. What of the
 * gradient isn't finite makes NaN of padding.
 */
export function convolveByLinesFilterGradient(
  module: BoundModule,
  convolution: Convolution,
  x: number,
  dy: number,
  dFilter: number,
): void {
  const { functions } = module;
  const { batch, rows, columns, outputChannels } = convolution;
  const pixels = batch * rows.output * columns.output;
  const imageBytes = countImageBytes(convolution);
  const images = module.workspace(imageBytes + pixels * outputChannels * 4);
  padImages(module, convolution, x, images);
  functions.takeApart(dy, images + imageBytes, pixels, outputChannels);
  functions.convolveLinesFilterGradient(
    images,
    images + imageBytes,
    dFilter,
    ...listSizes(convolution),
  );
}

/** Counts the bytes of the images with their padding, as far as windows reach. */
function countImageBytes({ batch, rows, columns }: Convolution): number {
  const line = (columns.output + columns.kernel - 1) * 4;
  return Math.ceil(batch * (rows.output + rows.kernel - 1) * line / 16) * 16;
}

function padImages(
  { functions }: BoundModule,
  { batch, rows, columns }: Convolution,
  x: number,
  images: number,
): void {
  functions.padImages(
    x,
    images,
    batch,
    rows.input,
    columns.input * 4,
    rows.output + rows.kernel - 1,
    (columns.output + columns.kernel - 1) * 4,
    rows.padding,
    columns.padding * 4,
  );
}

const listSizes = ({ batch, rows, columns, outputChannels }: Convolution) =>
  [batch, rows.output, columns.output, rows.kernel, columns.kernel, outputChannels] as const;
