// Writes the programs that take images, filters and products to the points of tiles and back.
import { EACH_THREAD, type Program, writeBindings } from "../device/_dispatch.ts";
import {
  declareEpilogue,
  declareEpilogueSettings,
  type EpilogueKind,
  writeFinished,
} from "../gemm/_epilogue.ts";
import { repeatLines, repeatList } from "../gemm/_gemm_text.ts";
import {
  countPoints,
  makeFilterMatrix,
  makeInputMatrix,
  makeOutputMatrix,
  type TileSize,
  turnOver,
  writeTransform,
} from "./_tile_matrices.ts";

/** Names a program of tiles. */
const nameProgram = (name: string, { output, filter }: TileSize, ...variant: unknown[]): string =>
  ["rill-tiles", name, output, filter, ...variant].join("-");

/** Repeats text for each place of a square, line by line. */
const repeatSquare = (side: number, text: (row: number, column: number) => string): string =>
  repeatLines(side, (i) => repeatLines(side, (j) => text(i, j)));

/** The WGSL of the place of a tile, as `image`, `top` and `left`, given its number among those of all images. */
const findTile = (number: string, { output }: TileSize): string =>
  `  let image = ${number} / (s.down * s.across);
  let top = ${number} / s.across % s.down * ${output} - s.padTop;
  let left = ${number} % s.across * ${output} - s.padLeft;`;

/** The WGSL of a number of an image at `line` and `column`, 0 beyond its edges. */
const PIXEL = `fn pixel(image : i32, line : i32, column : i32, channel : i32) -> f32 {
  let isInside = u32(line) < u32(s.height) && u32(column) < u32(s.width);
  return select(0.0, x[((image * s.height + line) * s.width + column) * s.channels + channel], isInside);
}`;

/**
 * Gives the program that takes what tiles read of images to the points, as `[points, tiles, channels]` or `[points, channels, tiles]`;
 * or the gradients of a tile's results.
 */
export function getImageProgram(size: TileSize, of: "input" | "gradient"): Program {
  const matrix = of === "input" ? makeInputMatrix(size) : makeOutputMatrix(size);
  const [points, side] = [matrix.length, matrix[0]!.length];
  return {
    key: nameProgram(of, size),
    code: () =>
      `struct Settings {
  size : i32, first : i32, down : i32, across : i32,
  height : i32, width : i32, channels : i32, padTop : i32, padLeft : i32,
  pointStep : i32, tileStep : i32, channelStep : i32,
}
${writeBindings("f32", "result", ["x"])}
${EACH_THREAD}
  if (at >= s.size) { return; }
  let channel = at % s.channels;
  let tile = at / s.channels;
${findTile("(s.first + tile)", size)}
  let start = ((image * s.height + top) * s.width + left) * s.channels + channel;
  let line = s.width * s.channels;
${
        repeatLines(side, (i) =>
          `  let isLine${i} = u32(top + ${i}) < u32(s.height);
  let isColumn${i} = u32(left + ${i}) < u32(s.width);`)
      }
${
        repeatSquare(
          side,
          (i, j) =>
            `  let x${i}_${j} = select(0.0, x[start + ${i} * line + ${j} * s.channels], isLine${i} && isColumn${j});`,
        )
      }
${writeTransform(matrix, (i, j) => `x${i}_${j}`, (i, j) => `y${i}_${j}`)}
  let target_ = tile * s.tileStep + channel * s.channelStep;
${
        repeatSquare(
          points,
          (i, j) => `  result[target_ + ${i * points + j} * s.pointStep] = y${i}_${j};`,
        )
      }
}
`,
  };
}

/** Gives the program that takes filters to the points, as `[points, inner, columns]`; filters that are turned have theirs exchanged. */
export function getFilterProgram(size: TileSize, isTurned: boolean): Program {
  const points = countPoints(size);
  const taps = size.filter ** 2;
  return {
    key: nameProgram(isTurned ? "turned-filter" : "filter", size),
    code: () =>
      `struct Settings { size : i32, inner : i32, columns : i32 }
${writeBindings("f32", "result", ["x"])}
${EACH_THREAD}
  if (at >= s.size) { return; }
  let weight = ${isTurned ? "at % s.columns * s.inner + at / s.columns" : "at"};
${
        repeatSquare(size.filter, (i, j) => {
          const tap = i * size.filter + j;
          return `  let x${i}_${j} = x[weight + ${isTurned ? taps - 1 - tap : tap} * s.size];`;
        })
      }
${writeTransform(makeFilterMatrix(size), (i, j) => `x${i}_${j}`, (i, j) => `y${i}_${j}`)}
${repeatSquare(points, (i, j) => `  result[at + ${i * points + j} * s.size] = y${i}_${j};`)}
}
`,
  };
}

/** Writes the WGSL of whether any of some numbers isn't finite. */
const writeIsAnyInfinite = (numbers: readonly string[]): string =>
  `(${
    numbers.map((x) => `bitcast<u32>(${x}) & 0x7fffffffu`).reduce((all, x) => `max(${all}, ${x})`)
  }) >= 0x7f800000u`;

/** Lists the names of a square of numbers. */
const listSquare = (name: string, side: number): string[] =>
  Array.from({ length: side * side }, (_, i) => `${name}${Math.floor(i / side)}_${i % side}`);

/**
 * Gives the program that takes products `[points, tiles, columns]` back to images. All results of a tile share terms, so that what
 * isn't finite spreads in it, and what is large becomes so: such a tile is computed anew, window by window. lavapipe goes through
 * the code of a condition in any case, so that it is loops that make no turn.
 */
export function getResultProgram(
  size: TileSize,
  isTurned: boolean,
  epilogue: EpilogueKind,
): Program {
  const points = countPoints(size);
  const { output, filter } = size;
  const sums = listSquare("sum", output);
  return {
    key: nameProgram(isTurned ? "input-gradient" : "result", size, epilogue),
    code: () =>
      `struct Settings {
  size : i32, first : i32, down : i32, across : i32,
  height : i32, width : i32, channels : i32, padTop : i32, padLeft : i32,
  pointStep : i32, columns : i32, lines : i32, pixels : i32,
${declareEpilogueSettings(epilogue)}
}
@group(0) @binding(0) var<storage, read_write> result : array<f32>;
@group(0) @binding(1) var<storage, read> products : array<f32>;
@group(0) @binding(2) var<storage, read> x : array<f32>;
@group(0) @binding(3) var<storage, read> filters : array<f32>;
${declareEpilogue(epilogue, 4)}
${PIXEL}
${EACH_THREAD}
  if (at >= s.size) { return; }
  let column = at % s.columns;
  let tile = at / s.columns;
${findTile("(s.first + tile)", size)}
${
        repeatSquare(
          points,
          (i, j) => `  let x${i}_${j} = products[at + ${i * points + j} * s.pointStep];`,
        )
      }
${
        writeTransform(
          turnOver(makeOutputMatrix(size)),
          (i, j) => `x${i}_${j}`,
          (i, j) => `y${i}_${j}`,
        )
      }
${sums.map((sum) => `  var ${sum} = ${sum.replace("sum", "y")};`).join("\n")}
  let rows = select(0, ${output}, ${writeIsAnyInfinite(sums)});
  for (var row = 0; row < rows; row++) {
    var anew = vec4<f32>(0);
    for (var tap = 0; tap < ${filter * filter}; tap++) {
      let down = top + row + tap / ${filter};
      let along = left + tap % ${filter};
      for (var channel = 0; channel < s.channels; channel++) {
        let weight = filters[${
        isTurned
          ? `((${filter * filter - 1} - tap) * s.columns + column) * s.channels + channel`
          : "(tap * s.channels + channel) * s.columns + column"
      }];
        anew += weight * vec4<f32>(${
        repeatList(output, (j) => `pixel(image, down, along + ${j}, channel)`)
      });
      }
    }
${
        repeatSquare(
          output,
          (i, j) => `    sum${i}_${j} = select(sum${i}_${j}, anew[${j}], row == ${i});`,
        )
      }
  }
  let firstLine = top + s.padTop;
  let firstPixel = left + s.padLeft;
${
        repeatSquare(output, (i, j) =>
          `  if (firstLine + ${i} < s.lines && firstPixel + ${j} < s.pixels) {
    let at = ((image * s.lines + firstLine + ${i}) * s.pixels + firstPixel + ${j}) * s.columns + column;
    let sum = sum${i}_${j};
    result[at] = ${writeFinished(epilogue)};
  }`)
      }
}
`,
  };
}

/**
 * Gives the program that takes the sums over tiles of products `[points, channels, filters]` back to a filter's gradient, and adds
 * it to that of other images where there are such. What isn't finite is computed anew here too.
 */
export function getFilterGradientProgram(size: TileSize, adds: boolean): Program {
  const points = countPoints(size);
  const { filter } = size;
  const sums = listSquare("sum", filter);
  return {
    key: nameProgram(adds ? "more-filter-gradient" : "filter-gradient", size),
    code: () =>
      `struct Settings {
  size : i32, height : i32, width : i32, channels : i32, padTop : i32, padLeft : i32,
  filters : i32, lines : i32, pixels : i32, start : i32, end : i32, scale : f32,
}
${writeBindings("f32", "result", ["products", "x", "dy"])}
${PIXEL}
${EACH_THREAD}
  if (at >= s.size) { return; }
  let out = at % s.filters;
  let channel = at / s.filters;
${
        repeatSquare(
          points,
          (i, j) => `  let x${i}_${j} = products[at + ${i * points + j} * s.size];`,
        )
      }
${
        writeTransform(
          turnOver(makeFilterMatrix(size)),
          (i, j) => `x${i}_${j}`,
          (i, j) => `y${i}_${j}`,
        )
      }
${sums.map((sum) => `  var ${sum} = ${sum.replace("sum", "y")};`).join("\n")}
  let rows = select(0, ${filter}, ${writeIsAnyInfinite(sums)});
  for (var row = 0; row < rows; row++) {
${repeatLines(filter, (j) => `    var anew${j} = 0.0;`)}
    for (var place = s.start; place < s.end; place++) {
      let image = place / (s.lines * s.pixels);
      let line = place / s.pixels % s.lines + row - s.padTop;
      let along = place % s.pixels - s.padLeft;
      let gradient = dy[place * s.filters + out];
${
        repeatLines(
          filter,
          (j) => `      anew${j} += gradient * pixel(image, line, along + ${j}, channel);`,
        )
      }
    }
${
        repeatSquare(
          filter,
          (i, j) => `    sum${i}_${j} = select(sum${i}_${j}, anew${j}, row == ${i});`,
        )
      }
  }
${
        repeatSquare(filter, (i, j) =>
          `  {
    let tap = at + ${i * filter + j} * s.size;
    result[tap] ${adds ? "+=" : "="} sum${i}_${j} * s.scale;
  }`)
      }
}
`,
  };
}
