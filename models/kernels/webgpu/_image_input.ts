import * as tf from "@tensorflow/tfjs-core";
import type { ImageInputAttrs } from "../definitions/_kernel_names.ts";
import { computeBilinearTaps, type Taps, WEIGHT_BITS } from "../host/_bilinear_taps.ts";
import { computeByteFloats } from "../host/_image_input_on_host.ts";
import { getConstant } from "./device/_constants.ts";
import { dispatch, makeOutput, type Program } from "./device/_dispatch.ts";
import type { GpuBackend } from "./device/_gpu_backend.ts";
import { uploadBytes } from "./device/_upload_bytes.ts";

/** The rows of the result that a thread makes: neighbours are mostly made of the same rows of the image. */
const ROWS = 8;

/** The taps, across and down, up to which loops are written out: loops cost a software adapter more than what is in them. */
const UNROLLED = { across: 4, down: 12 };

/** The iterations of a thread at most: lavapipe ends its loops after 65,535 in all, without an error. */
const MOST_ITERATIONS = 60_000;

/**
 * Gives the program for so many taps. A thread makes a strip of one column of one channel, of `down` rows of the image. Each
 * of these is resized across once, and then added to all rows of the strip, with a weight that is often 0. Beyond the image's
 * edge, 0 is the weight of whatever is read there.
 */
const getProgram = (across: number, down: number): Program => {
  const unrolled = across <= UNROLLED.across && down <= UNROLLED.down;
  const list = (count: number, line: (i: number) => string) =>
    Array.from({ length: count }, (_, i) => line(i)).join("\n");
  const add = (weight: string, t: string) =>
    `    wide += ${weight} * byteAt(at + ${t} * s.channels);`;
  const row = (i: string, sum: string) =>
    `  {
    let at = first + ${i} * s.imageLength;
    var wide = HALF;
${sum}
    wide = rounded(wide);
    let weights = strip + 1u + ${i} * ${ROWS}u;
${list(ROWS, (y) => `    sum${y} += wide * rows[weights + ${y}u];`)}
  }`;
  return {
    key: `rill-image-input-${unrolled ? `${across}-${down}` : "loops"}`,
    code: () =>
      `struct Settings {
  channels : u32, imageHeight : u32, imageLength : u32, height : u32, length : u32, across : u32, down : u32,
}
@group(0) @binding(0) var<storage, read_write> result : array<f32>;
@group(0) @binding(1) var<storage, read> images : array<u32>;
@group(0) @binding(2) var<storage, read> columns : array<u32>;
@group(0) @binding(3) var<storage, read> rows : array<u32>;
@group(0) @binding(4) var<storage, read> floats : array<f32>;
@group(0) @binding(5) var<uniform> s : Settings;

const HALF = ${1 << WEIGHT_BITS - 1}u;

fn rounded(sum : u32) -> u32 { return min(sum >> ${WEIGHT_BITS}u, 255u); }

fn byteAt(i : u32) -> u32 { return (images[i >> 2u] >> ((i & 3u) << 3u)) & 255u; }

@compute @workgroup_size(64)
fn main(
  @builtin(workgroup_id) group : vec3<u32>,
  @builtin(local_invocation_id) thread : vec3<u32>,
) {
  let column = group.x * 64u + thread.x;
  if (column >= s.length) { return; }
  let channel = column % s.channels;
  let taps = column / s.channels * (s.across + 2u);
  let strip = group.y * (s.down * ${ROWS}u + 1u);
  let first = (group.z * s.imageHeight + rows[strip]) * s.imageLength
    + columns[taps] * s.channels + channel;
${list(ROWS, (y) => `  var sum${y} = HALF;`)}
${
        unrolled
          ? list(across, (t) => `  let weight${t} = columns[taps + ${t + 2}u];`) + "\n" +
            list(down, (i) => row(`${i}u`, list(across, (t) => add(`weight${t}`, `${t}u`))))
          : `  for (var i = 0u; i < s.down; i++) ${
            row(
              "i",
              `    for (var t = 0u; t < s.across; t++) {\n  ${
                add("columns[taps + 2u + t]", "t")
              }\n    }`,
            )
          }`
      }
  let y = group.y * ${ROWS}u;
  let at = (group.z * s.height + y) * s.length + column;
  let bytes = channel * 256u;
${
        list(
          ROWS,
          (i) =>
            `  if (y + ${i}u < s.height) { result[at + ${i}u * s.length] = floats[bytes + rounded(sum${i})]; }`,
        )
      }
}
`,
  };
};

/**
 * Makes a network's input of images of bytes: one upload, and one dispatch.
 *
 * @returns Nothing where the images shrink so much that a program would take too many iterations.
 */
export function makeImageInput(
  backend: GpuBackend,
  { data, images: [size, height, width, channels], to, ...numbers }: ImageInputAttrs,
): tf.TensorInfo | undefined {
  const columns = getConstant(
    backend,
    `taps ${width} ${to[1]}`,
    () => computeBilinearTaps(width, to[1]).words,
  );
  const rows = getConstant(
    backend,
    `strips ${height} ${to[0]}`,
    () => tabulateStrips(computeBilinearTaps(height, to[0]), to[0]),
  );
  const strips = Math.ceil(to[0] / ROWS);
  const across = tf.util.sizeFromShape(columns.shape) / to[1] - 2;
  const down = (tf.util.sizeFromShape(rows.shape) / strips - 1) / ROWS;
  if ((across + 1) * down > MOST_ITERATIONS) return undefined;
  const floats = getConstant(
    backend,
    `floats ${channels} ${JSON.stringify(numbers)}`,
    () => computeByteFloats(channels, numbers),
  );
  const bytes = uploadBytes(backend, data);
  const result = makeOutput(backend, [size, ...to, channels]);
  const length = to[1] * channels;
  dispatch(
    backend,
    getProgram(across, down),
    [result, bytes, columns, rows, floats],
    [channels, height, width * channels, to[0], length, across, down],
    [Math.ceil(length / 64), strips, size],
  );
  backend.disposeData(bytes.dataId);
  return result;
}

/** Lists for each strip its first row of the image, and for that and those after it their weights in the strip's rows. */
function tabulateStrips({ stride, words }: Taps, outputs: number): Int32Array {
  const strips = Array.from({ length: Math.ceil(outputs / ROWS) }, (_, strip) => {
    const begin = strip * ROWS;
    const last = Math.min(begin + ROWS, outputs) - 1;
    const first = words[begin * stride]!;
    return { begin, last, first, count: words[last * stride]! + words[last * stride + 1]! - first };
  });
  const down = Math.max(...strips.map(({ count }) => count));
  const table = new Int32Array(strips.length * (1 + down * ROWS));
  for (const [i, { begin, last, first }] of strips.entries()) {
    const at = i * (1 + down * ROWS);
    table[at] = first;
    for (let output = begin; output <= last; output++) {
      const [from, count] = [words[output * stride]!, words[output * stride + 1]!];
      for (let t = 0; t < count; t++) {
        table[at + 1 + (from - first + t) * ROWS + output - begin] =
          words[output * stride + 2 + t]!;
      }
    }
  }
  return table;
}
