// What the programs of pools have in common.
import { EACH_THREAD } from "./device/_dispatch.ts";

/** The settings of a program: the number of threads, the image, the windows, their sizes and strides, and the padding. */
export const SETTINGS = `struct Settings {
  size : i32, height : i32, width : i32, channels : i32, windowsDown : i32, windowsAcross : i32,
  windowHeight : i32, windowWidth : i32, strideDown : i32, strideAcross : i32, top : i32, left : i32,
}`;

/** The beginning of each program: a thread's number and its channel. */
export const MAIN = `${EACH_THREAD}
  if (at >= s.size) { return; }
  let channel = at % s.channels;`;

/** Finds a thread's window: its first `row` and `column`, which may lie in the padding, and the `image`'s first pixel. */
export const FIND_WINDOW = `  let window = at / s.channels;
  let column = window % s.windowsAcross * s.strideAcross - s.left;
  let row = window / s.windowsAcross % s.windowsDown * s.strideDown - s.top;
  let image = window / (s.windowsAcross * s.windowsDown) * s.height * s.width;`;

/**
 * Finds the windows that a thread's pixel lies in: `firstRow` to `lastRow` and `firstColumn` to `lastColumn` of those of the
 * `image`, whose first has that number. The `row` and `column` of the pixel count from the padding's edge.
 */
export const FIND_WINDOWS = `  let pixel = at / s.channels % (s.height * s.width);
  let image = at / (s.channels * s.height * s.width) * s.windowsDown * s.windowsAcross;
  let row = pixel / s.width + s.top;
  let column = pixel % s.width + s.left;
  // Rounded up, so that the first window is one that still reaches this far.
  let firstRow = max((row - s.windowHeight + s.strideDown) / s.strideDown, 0);
  let firstColumn = max((column - s.windowWidth + s.strideAcross) / s.strideAcross, 0);
  let lastRow = min(row / s.strideDown, s.windowsDown - 1);
  let lastColumn = min(column / s.strideAcross, s.windowsAcross - 1);`;
