import type * as tf from "@tensorflow/tfjs-core";
import { bilinearTaps, WEIGHT_BITS } from "../_bilinear_taps.ts";
import { floatsOfBytes } from "../_image_input_on_host.ts";
import type { ImageInputAttrs } from "../_names.ts";
import { constant } from "./_constants.ts";
import { dispatch, EACH_THREAD, output, type Program, spread } from "./_dispatch.ts";
import type { GpuBackend } from "./_gpu_backend.ts";
import { uploadBytes } from "./_upload_bytes.ts";

/** Rows of the result that a thread makes: neighbours are mostly made of the same rows of the image. */
const ROWS = 8;

/** A thread makes a strip of one column of one channel. It keeps the last two pixels that it has resized across. */
const IMAGE_INPUT: Program = {
  key: "rill-image-input",
  code: () =>
    `struct Settings {
  size : u32, strips : u32, channels : u32, imageHeight : u32, imageLength : u32, height : u32, length : u32,
  columnStride : u32, rowStride : u32,
}
@group(0) @binding(0) var<storage, read_write> result : array<f32>;
@group(0) @binding(1) var<storage, read> images : array<u32>;
@group(0) @binding(2) var<storage, read> columns : array<u32>;
@group(0) @binding(3) var<storage, read> rows : array<u32>;
@group(0) @binding(4) var<storage, read> floats : array<f32>;
@group(0) @binding(5) var<uniform> s : Settings;

const HALF = ${1 << WEIGHT_BITS - 1}u;

fn rounded(sum : u32) -> u32 { return min(sum >> ${WEIGHT_BITS}u, 255u); }

/** A row's pixel, made of those from one byte on. */
fn across(first : u32, taps : u32) -> u32 {
  var sum = HALF;
  var at = first;
  let end = taps + columns[taps + 1u] + 2u;
  for (var t = taps + 2u; t < end; t++) {
    sum += (images[at >> 2u] >> ((at & 3u) << 3u) & 255u) * columns[t];
    at += s.channels;
  }
  return rounded(sum);
}

${EACH_THREAD}
  let number = u32(at);
  if (number >= s.size) { return; }
  let i = number % s.length;
  let strip = number / s.length % s.strips;
  let image = number / (s.length * s.strips);
  let channel = i % s.channels;
  let taps = i / s.channels * s.columnStride;
  let first = image * s.imageHeight * s.imageLength + columns[taps] * s.channels + channel;
  let end = min((strip + 1u) * ${ROWS}u, s.height);
  var evenRow = 0xffffffffu;
  var oddRow = 0xffffffffu;
  var even = 0u;
  var odd = 0u;
  for (var y = strip * ${ROWS}u; y < end; y++) {
    let begin = y * s.rowStride;
    let firstRow = rows[begin];
    var sum = HALF;
    for (var t = 0u; t < rows[begin + 1u]; t++) {
      let row = firstRow + t;
      let weight = rows[begin + 2u + t];
      if ((row & 1u) == 0u) {
        if (evenRow != row) { evenRow = row; even = across(first + row * s.imageLength, taps); }
        sum += even * weight;
      } else {
        if (oddRow != row) { oddRow = row; odd = across(first + row * s.imageLength, taps); }
        sum += odd * weight;
      }
    }
    result[(image * s.height + y) * s.length + i] = floats[channel * 256u + rounded(sum)];
  }
}
`,
};

/** A network's input of images of bytes: one upload, and one dispatch. */
export function imageInputByProgram(
  backend: GpuBackend,
  { data, images: [size, height, width, channels], to, ...numbers }: ImageInputAttrs,
): tf.TensorInfo {
  const taps = (from: number, to: number) =>
    constant(backend, `taps ${from} ${to}`, () => bilinearTaps(from, to).words);
  const columns = taps(width, to[1]);
  const rows = taps(height, to[0]);
  const floats = constant(
    backend,
    `floats ${channels} ${JSON.stringify(numbers)}`,
    () => floatsOfBytes(channels, numbers),
  );
  const bytes = uploadBytes(backend, data);
  const result = output(backend, [size, ...to, channels]);
  const strips = Math.ceil(to[0] / ROWS);
  const length = to[1] * channels;
  const threads = size * strips * length;
  dispatch(
    backend,
    IMAGE_INPUT,
    [result, bytes, columns, rows, floats],
    [
      threads,
      strips,
      channels,
      height,
      width * channels,
      to[0],
      length,
      columns.shape[0] / to[1],
      rows.shape[0] / to[0],
    ],
    spread(backend, Math.ceil(threads / 64)),
  );
  backend.disposeData(bytes.dataId);
  return result;
}
