import { loadFew, storeFew } from "./lanes";
import { multiplyAdd } from "./multiply_add";

/** Computes the input's gradient of a depthwise convolution with one filter for each channel. Images are NHWC. */
export function depthwiseInputGradient(
  dy: usize,
  filter: usize,
  dx: usize,
  batch: i32,
  height: i32,
  width: i32,
  channels: i32,
  outputHeight: i32,
  outputWidth: i32,
  kernelHeight: i32,
  kernelWidth: i32,
  strideHeight: i32,
  strideWidth: i32,
  dilationHeight: i32,
  dilationWidth: i32,
  top: i32,
  left: i32,
): void {
  const pixelBytes = channels * 4;
  const imageBytes = height * width * pixelBytes;
  memory.fill(dx, 0, batch * imageBytes);
  for (; batch; batch--, dx += imageBytes) {
    for (let i = 0; i < outputHeight; i++) {
      for (let j = 0; j < outputWidth; j++, dy += pixelBytes) {
        let weights = filter;
        for (let u = 0; u < kernelHeight; u++) {
          const row = i * strideHeight - top + u * dilationHeight;
          for (let v = 0; v < kernelWidth; v++, weights += pixelBytes) {
            const column = j * strideWidth - left + v * dilationWidth;
            if (row < 0 || row >= height || column < 0 || column >= width) continue;
            addProducts(dx + (row * width + column) * pixelBytes, dy, weights, channels);
          }
        }
      }
    }
  }
}

/** Computes the filter's gradient, `sums` image by image, which keeps the rounding errors of long sums small. */
export function depthwiseFilterGradient(
  x: usize,
  dy: usize,
  dFilter: usize,
  sums: usize,
  batch: i32,
  height: i32,
  width: i32,
  channels: i32,
  outputHeight: i32,
  outputWidth: i32,
  kernelHeight: i32,
  kernelWidth: i32,
  strideHeight: i32,
  strideWidth: i32,
  dilationHeight: i32,
  dilationWidth: i32,
  top: i32,
  left: i32,
): void {
  const pixelBytes = channels * 4;
  const filterBytes = kernelHeight * kernelWidth * pixelBytes;
  memory.fill(dFilter, 0, filterBytes);
  for (; batch; batch--, x += height * width * pixelBytes) {
    memory.fill(sums, 0, filterBytes);
    for (let i = 0; i < outputHeight; i++) {
      for (let j = 0; j < outputWidth; j++, dy += pixelBytes) {
        let weights = sums;
        for (let u = 0; u < kernelHeight; u++) {
          const row = i * strideHeight - top + u * dilationHeight;
          for (let v = 0; v < kernelWidth; v++, weights += pixelBytes) {
            const column = j * strideWidth - left + v * dilationWidth;
            if (row < 0 || row >= height || column < 0 || column >= width) continue;
            addProducts(weights, x + (row * width + column) * pixelBytes, dy, channels);
          }
        }
      }
    }
    for (let at: usize = 0; at < <usize>filterBytes; at += 4) {
      store<f32>(dFilter + at, load<f32>(dFilter + at) + load<f32>(sums + at));
    }
  }
}

/** Adds products of numbers to as many others. */
@inline
function addProducts(sum: usize, a: usize, b: usize, count: i32): void {
  for (const end = sum + (count & ~3) * 4; sum < end; sum += 16, a += 16, b += 16) {
    v128.store(sum, multiplyAdd(v128.load(a), v128.load(b), v128.load(sum)));
  }
  const left = count & 3;
  if (left) {
    storeFew(
      sum,
      multiplyAdd(loadFew(a, left), loadFew(b, left), loadFew(sum, left)),
      left,
    );
  }
}
