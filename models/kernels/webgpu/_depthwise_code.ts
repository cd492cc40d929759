// The programs of depthwise convolutions and their gradients. What lies on padding is left out, so that a weight that isn't finite
// makes no NaN there.
import { EACH_THREAD, type Program, writeBindings } from "./device/_dispatch.ts";
import { getTypes } from "./device/_float_bits.ts";

/** Channels come four at a time, where each has one filter. */
export type Width = 1 | 4;

const SETTINGS = `struct Settings {
  size : i32, height : i32, width : i32, channels : i32, rows : i32, columns : i32, filters : i32, multiplier : i32,
  taps : i32, tapsAcross : i32, strideDown : i32, strideAcross : i32,
  dilationDown : i32, dilationAcross : i32, top : i32, left : i32,
  allRows : i32, sliceRows : i32,
}`;

export const getForward = (width: Width): Program => {
  const { float } = getTypes(width);
  return {
    key: `rill-depthwise-${width}`,
    code: () =>
      `${SETTINGS}
${writeBindings(float, "y", ["x", "weights"])}
${EACH_THREAD}
  if (at >= s.size) { return; }
  let filter_ = at % s.filters;
  let pixel = at / s.filters;
  let channel = filter_ / s.multiplier;
  let top = pixel / s.columns % s.rows * s.strideDown - s.top;
  let left = pixel % s.columns * s.strideAcross - s.left;
  let image = pixel / (s.columns * s.rows) * s.height;
  var sum = ${float}(0);
  for (var tap = 0; tap < s.taps; tap += s.tapsAcross) {
    let row = top + tap / s.tapsAcross * s.dilationDown;
    if (row < 0 || row >= s.height) { continue; }
    for (var j = 0; j < s.tapsAcross; j++) {
      let column = left + j * s.dilationAcross;
      if (column < 0 || column >= s.width) { continue; }
      sum += x[((image + row) * s.width + column) * s.channels + channel] * weights[(tap + j) * s.filters + filter_];
    }
  }
  y[at] = sum;
}
`,
  };
};

/** The results that a thread computes beside each other, so that it loads weights and pixels once for several. */
export const BLOCK = 4;
/** A filter whose taps are written out. */
export interface Taps {
  readonly down: number;
  readonly across: number;
  readonly strideAcross: number;
  readonly dilationAcross: number;
  /** Whether the filter is turned by half, as for the input's gradient. */
  readonly turned: boolean;
}

/** Writes the program with all taps written out, for some results in a row. */
export const getBlock = (
  { down, across, strideAcross, dilationAcross, turned }: Taps,
  width: Width,
): Program => {
  const { float } = getTypes(width);
  const count = (length: number) => Array.from({ length }, (_, i) => i);
  const taps = down * across;
  const writeRow = (i: number) => {
    const weights = count(across).map((j) => {
      const tap = i * across + j;
      return `    let w${j} = weights[${turned ? taps - 1 - tap : tap} * s.filters + filter_];`;
    });
    const products = count(BLOCK).flatMap((k) =>
      count(across).map((j) => ({ k, j, place: k * strideAcross + j * dilationAcross }))
    );
    const places = [...new Set(products.map(({ place }) => place))].sort((a, b) => a - b);
    return `  row = top + ${i} * s.dilationDown;
  if (row >= 0 && row < s.height) {
    let line = ((image + row) * s.width + left) * s.channels + channel;
${weights.join("\n")}
${
      places.map((place) =>
        `    if (left + ${place} >= 0 && left + ${place} < s.width) {
      let value = x[line + ${place} * s.channels];
${
          products.filter((product) => product.place === place)
            .map(({ k, j }) => `      sum${k} += value * w${j};`).join("\n")
        }
    }`
      ).join("\n")
    }
  }`;
  };
  return {
    key: `rill-depthwise-${width}-${down}x${across}-${strideAcross}-${dilationAcross}${
      turned ? "-turned" : ""
    }`,
    code: () =>
      `${SETTINGS}
${writeBindings(float, "y", ["x", "weights"])}
${EACH_THREAD}
  if (at >= s.size) { return; }
  let filter_ = at % s.filters;
  let channel = filter_ / s.multiplier;
  let blocks = (s.columns + ${BLOCK - 1}) / ${BLOCK};
  let block = at / s.filters;
  let first = block % blocks * ${BLOCK};
  let lineOfResult = block / blocks;
  let top = lineOfResult % s.rows * s.strideDown - s.top;
  let left = first * ${strideAcross} - s.left;
  let image = lineOfResult / s.rows * s.height;
  var row = 0;
${count(BLOCK).map((k) => `  var sum${k} = ${float}(0);`).join("\n")}
${count(down).map(writeRow).join("\n")}
  let result = (lineOfResult * s.columns + first) * s.filters + filter_;
${
        count(BLOCK).map((k) =>
          `  if (first + ${k} < s.columns) { y[result + ${k} * s.filters] = sum${k}; }`
        ).join("\n")
      }
}
`,
  };
};

/** Writes the program of the input's gradient for a filter without dilation: for each pixel it goes over the windows that it lies in. */
export const getWindowsGradient = (width: Width): Program => {
  const { float } = getTypes(width);
  return {
    key: `rill-depthwise-windows-gradient-${width}`,
    code: () =>
      `${SETTINGS}
${writeBindings(float, "dx", ["dy", "weights"])}
${EACH_THREAD}
  if (at >= s.size) { return; }
  let first = at % s.channels * s.multiplier;
  let pixel = at / s.channels;
  let row = pixel / s.width % s.height + s.top;
  let column = pixel % s.width + s.left;
  let image = pixel / (s.width * s.height) * s.rows;
  let tapsDown = s.taps / s.tapsAcross;
  // Rounded up, so that the first window is one that still reaches this far.
  let firstRow = max((row - tapsDown + s.strideDown) / s.strideDown, 0);
  let firstColumn = max((column - s.tapsAcross + s.strideAcross) / s.strideAcross, 0);
  let lastRow = min(row / s.strideDown, s.rows - 1);
  let lastColumn = min(column / s.strideAcross, s.columns - 1);
  var sum = ${float}(0);
  for (var i = firstRow; i <= lastRow; i++) {
    let tapRow = (row - i * s.strideDown) * s.tapsAcross + column;
    for (var j = firstColumn; j <= lastColumn; j++) {
      let tap = (tapRow - j * s.strideAcross) * s.filters + first;
      let place = ((image + i) * s.columns + j) * s.filters + first;
      for (var k = 0; k < s.multiplier; k++) { sum += dy[place + k] * weights[tap + k]; }
    }
  }
  dx[at] = sum;
}
`,
  };
};

export const getInputGradient = (width: Width): Program => {
  const { float } = getTypes(width);
  return {
    key: `rill-depthwise-input-gradient-${width}`,
    code: () =>
      `${SETTINGS}
${writeBindings(float, "dx", ["dy", "weights"])}
${EACH_THREAD}
  if (at >= s.size) { return; }
  let first = at % s.channels * s.multiplier;
  let pixel = at / s.channels;
  let bottom = pixel / s.width % s.height + s.top;
  let right = pixel % s.width + s.left;
  let image = pixel / (s.width * s.height) * s.rows;
  var sum = ${float}(0);
  for (var tap = 0; tap < s.taps; tap += s.tapsAcross) {
    let down = bottom - tap / s.tapsAcross * s.dilationDown;
    let row = down / s.strideDown;
    if (down < 0 || row >= s.rows || row * s.strideDown != down) { continue; }
    for (var j = 0; j < s.tapsAcross; j++) {
      let across = right - j * s.dilationAcross;
      let column = across / s.strideAcross;
      if (across < 0 || column >= s.columns || column * s.strideAcross != across) { continue; }
      let place = ((image + row) * s.columns + column) * s.filters + first;
      for (var k = 0; k < s.multiplier; k++) {
        sum += dy[place + k] * weights[(tap + j) * s.filters + first + k];
      }
    }
  }
  dx[at] = sum;
}
`,
  };
};

/** Writes the program of a thread for each weight and slice of the rows of all results. */
export const getFilterGradient = (width: Width): Program => {
  const { float } = getTypes(width);
  return {
    key: `rill-depthwise-filter-gradient-${width}`,
    code: () =>
      `${SETTINGS}
${writeBindings(float, "dWeights", ["x", "dy"])}
${EACH_THREAD}
  if (at >= s.size) { return; }
  let filter_ = at % s.filters;
  let channel = filter_ / s.multiplier;
  let tap = at / s.filters % s.taps;
  let down = tap / s.tapsAcross * s.dilationDown - s.top;
  let across = tap % s.tapsAcross * s.dilationAcross - s.left;
  // Those columns of the result for which the tap lies in the image.
  let firstColumn = max((s.strideAcross - 1 - across) / s.strideAcross, 0);
  let endColumn = min((s.width - across + s.strideAcross - 1) / s.strideAcross, s.columns);
  let first = at / (s.filters * s.taps) * s.sliceRows;
  let end = min(first + s.sliceRows, s.allRows);
  var sum = ${float}(0);
  for (var line = first; line < end; line++) {
    let row = line % s.rows * s.strideDown + down;
    if (row < 0 || row >= s.height) { continue; }
    let source = (line / s.rows * s.height + row) * s.width + across;
    for (var column = firstColumn; column < endColumn; column++) {
      sum += x[(source + column * s.strideAcross) * s.channels + channel] * dy[(line * s.columns + column) * s.filters + filter_];
    }
  }
  dWeights[at] = sum;
}
`,
  };
};
