// Writes programs for products of matrices. One program computes dense products and convolutions alike, since an operand may
// be an image: an element of the left operand is found by its row, and by the inner dimension as segments of some length.
//
//   convolution          row: output pixel        segment: row of the filter   along it: column of the filter and channel
//   its filter gradient  row: the filter's tap    segment: row of an image     along it: column of the output
//   dense product        row: row                 segment: the only one        along it: all of the inner dimension
//
// In memory, a row of an image with all its channels lies together, so that along a segment the address grows by a constant,
// and what is beyond the image's left or right edge is before or after that row. Nothing of this is part of the code: where
// the elements are is told by the settings, and so a few programs do for all shapes.
import type { GemmParameters } from "./_gemm_parameters.ts";

/** The settings of a product in the order in which the program has them, all of them whole numbers. */
export const GEMM_SETTINGS = [
  // The size of the product.
  "rows",
  "columns",
  "segments",
  "inner",
  // Rows are images of `plane` pixels in lines of `line`: where a row begins, as line and element of the image.
  "plane",
  "line",
  "lineStep",
  "lineStart",
  "elementStep",
  "elementStart",
  // Segments come in groups of `segmentPlane`, one an image, `segmentStep` lines apart; along one, elements are this far apart.
  "segmentPlane",
  "segmentStep",
  "innerStep",
  // An image: its lines and the elements of each.
  "lines",
  "elements",
  // The right operand.
  "rightStart",
  "rightSegment",
  "rightInner",
  "rightColumn",
  // The result: its first element, and how far images, lines and pixels are apart.
  "resultStart",
  "resultPlane",
  "resultLine",
  "resultPixel",
  // Products of a batch, and slices of each product's inner dimension.
  "leftBatch",
  "rightBatch",
  "resultBatch",
  "slices",
  "innerSlices",
  "sliceSegments",
  "sliceInner",
  "resultSlice",
] as const;

/** A product's settings, by name. */
export type GemmSettings = Readonly<Record<typeof GEMM_SETTINGS[number], number>>;

/** Which neighbours in memory the threads of a workgroup load together into shared memory. */
export interface GemmLayout {
  /** Along the inner dimension, or down the rows. */
  readonly left: "inner" | "rows";
  /** Along the inner dimension, or across the columns. */
  readonly right: "inner" | "columns";
}

/** Which operands the workgroup may load four neighbours at a time: their elements lie at multiples of four. */
export interface GemmWidth {
  readonly left: boolean;
  readonly right: boolean;
}

/** Which operands of a product can be loaded four neighbours at a time with a set of parameters. */
export function gemmWidth(
  { threads, block, depth, operands, vector }: GemmParameters,
  layout: GemmLayout,
  s: GemmSettings,
): GemmWidth {
  const fours = (...lengths: number[]) => lengths.every((length) => length % 4 === 0);
  if (operands !== "shared") return { left: false, right: false };
  const image = fours(s.elements, s.elementStart, s.leftBatch);
  const left = layout.left === "inner"
    // Four along the inner dimension are in the image or beyond its edge together.
    ? s.innerStep === 1 && fours(depth, s.inner, s.sliceInner) &&
      (s.line === 1 || fours(s.elementStep))
    : fours(block[0]) && s.elementStep === 1 && fours(s.line, s.rows, s.innerStep);
  const place = vector === 4 && fours(s.rightStart, s.rightSegment, s.rightBatch);
  const right = layout.right === "columns"
    ? s.rightColumn === 1 && fours(s.rightInner, s.columns)
    : fours(depth, threads[1] * block[1]) && s.rightInner === 1 &&
      fours(s.rightColumn, s.inner, s.sliceInner);
  return { left: image && left, right: place && right };
}

/** Names a program: everything that its code depends on. */
export function gemmKey(
  parameters: GemmParameters,
  layout: GemmLayout,
  width: GemmWidth,
): string {
  const { threads, block, depth, operands, vector, prefetch } = parameters;
  // Without shared memory each thread loads for itself.
  const loads = operands === "shared"
    ? `-${layout.left}${width.left ? 4 : ""}-${layout.right}${width.right ? 4 : ""}${
      prefetch ? "-prefetch" : ""
    }`
    : "";
  return `rill-gemm-${threads.join("x")}-${block.join("x")}-${depth}-${operands}-${vector}${loads}`;
}

/** The code of a program. */
export function gemmCode(
  parameters: GemmParameters,
  layout: GemmLayout,
  width: GemmWidth,
): string {
  const { threads: [threadRows, threadColumns], block, vector, operands } = parameters;
  const body = operands === "shared"
    ? sharedBody(parameters, layout, width)
    : globalBody(parameters, operands === "subgroup");
  return `${declarations(parameters, layout, width)}
@compute @workgroup_size(${threadColumns}, ${threadRows}, 1)
fn main(
  @builtin(workgroup_id) group : vec3<u32>,
  @builtin(num_workgroups) groups : vec3<u32>,
  @builtin(local_invocation_id) thread : vec3<u32>,
) {
  // Tiles are counted across two dimensions, since one may be too short for all of them.
  let tile = i32(group.y * groups.x + group.x);
  let acrossTiles = (s.columns + ${threadColumns * block[1] - 1}) / ${threadColumns * block[1]};
  let tileRow = tile / acrossTiles * ${threadRows * block[0]};
  let tileColumn = tile % acrossTiles * ${threadColumns * block[1]};
  if (tileRow >= s.rows) { return; }
  let batch = i32(group.z) / s.slices;
  let slice = i32(group.z) % s.slices;
  let leftBase = batch * s.leftBatch;
  let rightBase = s.rightStart + batch * s.rightBatch;
  let resultBase = s.resultStart + batch * s.resultBatch + slice * s.resultSlice;
  let firstSegment = slice / s.innerSlices * s.sliceSegments;
  let endSegment = min(firstSegment + s.sliceSegments, s.segments);
  let firstInner = slice % s.innerSlices * s.sliceInner;
  let endInner = min(firstInner + s.sliceInner, s.inner);
  let x = i32(thread.x);
  let y = i32(thread.y);
  let firstRow = tileRow + y * ${block[0]};
${each(block[0], (i) => each(block[1] / vector, (j) => `  var sum${i}_${j} = ${type(vector)}(0);`))}
${body}
${
    each(block[0], (i) =>
      `  if (firstRow + ${i} < s.rows) {
    let at = resultBase + rowOfResult(firstRow + ${i});
${
        each(block[1] / vector, (j) =>
          each(vector, (e) =>
            `    if (${column(parameters, j, e)} < s.columns) { result[at + ${
              column(parameters, j, e)
            }] = sum${i}_${j}${component(vector, e)}; }`))
      }
  }`)
  }
}
`;
}

function declarations(parameters: GemmParameters, layout: GemmLayout, width: GemmWidth): string {
  const operand = (wide: boolean) => wide ? "vec4<f32>" : "f32";
  const tiles = sharedTiles(parameters, layout, width);
  return `struct Settings {
${GEMM_SETTINGS.map((name) => `  ${name} : i32,`).join("\n")}
}
@group(0) @binding(0) var<storage, read_write> result : array<f32>;
@group(0) @binding(1) var<storage, read> left : array<${operand(width.left)}>;
@group(0) @binding(2) var<storage, read> right : array<${operand(width.right)}>;
@group(0) @binding(3) var<uniform> s : Settings;
${
    parameters.operands === "shared"
      ? `var<workgroup> leftTile : array<${type(tiles.left.vector)}, ${tiles.left.size}>;
var<workgroup> rightTile : array<${type(tiles.right.vector)}, ${tiles.right.size}>;`
      : ""
  }
/// Where a row begins: image, line, element of the line. A row that isn't there begins above every image.
fn startOf(row : i32) -> vec3<i32> {
  let pixel = row % s.plane;
  let lineStart = pixel / s.line * s.lineStep + s.lineStart;
  return vec3<i32>(
    row / s.plane,
    select(-0x40000000, lineStart, row < s.rows),
    pixel % s.line * s.elementStep + s.elementStart,
  );
}
/// The address of the line that a row has in a segment, and how many elements it has, none where it isn't there.
fn lineOf(start : vec3<i32>, segment : i32) -> vec2<i32> {
  let line = start.y + segment % s.segmentPlane * s.segmentStep;
  let address = ((start.x + segment / s.segmentPlane) * s.lines + line) * s.elements;
  return select(vec2<i32>(0), vec2<i32>(address, s.elements), u32(line) < u32(s.lines));
}
fn loadLeft(base : i32, line : vec2<i32>, element : i32) -> ${operand(width.left)} {
  return select(${operand(width.left)}(0), left[(base + line.x + element)${
    width.left ? " / 4" : ""
  }], u32(element) < u32(line.y));
}
fn rowOfResult(row : i32) -> i32 {
  let pixel = row % s.plane;
  return row / s.plane * s.resultPlane + pixel / s.line * s.resultLine + pixel % s.line * s.resultPixel;
}
`;
}

/** Each thread loads what it needs; with subgroups, each loads one row of eight. */
function globalBody(parameters: GemmParameters, subgroup: boolean): string {
  const { block: [rows, columns], depth, vector } = parameters;
  const loads = subgroup ? rows / 8 : rows;
  const vectors = columns / vector;
  const row = (i: number) => subgroup ? `firstRow + ${8 * i} + x` : `firstRow + ${i}`;
  const step = (k: string, guard: string) =>
    `${
      each(loads, (i) =>
        `      let own${i} = loadLeft(leftBase, line${i}, start${i}.z + ${k} * s.innerStep);`)
    }
      let at = rightBase + segment * s.rightSegment + ${k} * s.rightInner;
${
      each(vectors, (j) =>
        `      let b${j} = ${type(vector)}(${
          list(vector, (e) => `right[at + column${j}_${e}]`)
        });`)
    }
${
      each(rows, (i) =>
        `      let a${i} = ${subgroup ? `subgroupBroadcast(own${i >> 3}, ${i & 7}u)` : `own${i}`};
${
          each(vectors, (j) => `      sum${i}_${j} += a${i} * b${j};`)
        }`)
    }${guard}`;
  return `${each(loads, (i) => `  let start${i} = startOf(${row(i)});`)}
${
    each(vectors, (j) =>
      each(vector, (e) =>
        // A column that isn't there is computed like the last one, and not stored.
        `  let column${j}_${e} = min(${column(parameters, j, e)}, s.columns - 1) * s.rightColumn;`))
  }
  for (var segment = firstSegment; segment < endSegment; segment++) {
${each(loads, (i) => `    let line${i} = lineOf(start${i}, segment);`)}
    var inner = firstInner;
${
    depth > 1
      ? `    for (; inner + ${depth - 1} < endInner; inner += ${depth}) {
${
        each(depth, (k) =>
          `      {
${step(`(inner + ${k})`, "")}
      }`)
      }
    }`
      : ""
  }
    for (; inner < endInner; inner++) {
${step("inner", "")}
    }
  }`;
}

/** How a tile lies in shared memory: in units of `vector` numbers, `pitch` units from one line of it to the next. */
interface SharedTile {
  readonly vector: number;
  readonly pitch: number;
  readonly size: number;
}

/**
 * The tiles in shared memory. Lines are steps of the inner dimension, with the rows or columns along them; only a left
 * operand that is loaded in fours along the inner dimension stays as it is, its lines are rows. Lines are apart by some more
 * than their length where a workgroup writes across them, so that neighbouring threads write to different banks.
 */
function sharedTiles(
  { threads, block, depth, vector }: GemmParameters,
  layout: GemmLayout,
  width: GemmWidth,
): { readonly left: SharedTile; readonly right: SharedTile } {
  const rows = threads[0] * block[0];
  const columns = threads[1] * block[1];
  const tile = (vector: number, lines: number, pitch: number) => ({
    vector,
    pitch,
    size: lines * pitch,
  });
  const left = width.left
    ? layout.left === "inner" ? tile(4, rows, depth / 4) : tile(4, depth, rows / 4)
    : tile(1, depth, rows + (layout.left === "inner" ? 4 : 0));
  const across = columns / vector;
  const right = tile(vector, depth, across + (layout.right === "inner" ? 1 : 0));
  return { left, right };
}

/** What a thread does for one tile: what it finds out once, where its numbers are in a segment, how it loads and keeps them. */
interface TileLoads {
  /** Before everything. */
  readonly once: string;
  /** At the beginning of a segment; declares nothing. */
  readonly segment: string;
  /** Declares what `segment` and `load` set. */
  readonly variables: string;
  /** Loads from the tensor, for the tile that begins at `first` of the inner dimension. */
  readonly load: string;
  /** Writes what was loaded to shared memory. */
  readonly store: string;
}

/** The workgroup loads a tile of each operand, then each thread takes from these what it needs. */
function sharedBody(parameters: GemmParameters, layout: GemmLayout, width: GemmWidth): string {
  const { threads, depth, prefetch } = parameters;
  const tiles = sharedTiles(parameters, layout, width);
  const loads = [
    width.left
      ? wideLeft(parameters, layout, tiles.left)
      : narrowLeft(parameters, layout, tiles.left),
    width.right
      ? wideRight(parameters, layout, tiles.right)
      : narrowRight(parameters, layout, tiles.right),
  ];
  const all = (part: keyof TileLoads) => loads.map((one) => one[part]).join("\n");
  const compute = tileProduct(parameters, layout, width);
  const start = `  let own = y * ${threads[1]} + x;
${all("once")}
${all("variables")}`;
  if (!prefetch) {
    return `${start}
  for (var segment = firstSegment; segment < endSegment; segment++) {
${all("segment")}
    for (var first = firstInner; first < endInner; first += ${depth}) {
${all("load")}
${all("store")}
      workgroupBarrier();
${compute}
      workgroupBarrier();
    }
  }`;
  }
  // The next tile is on its way from memory while this one is multiplied.
  return `${start}
  var segment = firstSegment;
  var first = firstInner;
  if (segment < endSegment && first < endInner) {
${all("segment")}
${all("load")}
    while (segment < endSegment) {
${all("store")}
      workgroupBarrier();
      first += ${depth};
      if (first >= endInner) {
        first = firstInner;
        segment++;
        if (segment < endSegment) {
${all("segment")}
        }
      }
      if (segment < endSegment) {
${all("load")}
      }
${compute}
      workgroupBarrier();
    }
  }`;
}

/** Text for each of a thread's shares of `size` units, of which the last may be for some of the threads only. */
function shares(
  { threads }: GemmParameters,
  size: number,
): { readonly count: number; readonly guarded: (p: number, text: string) => string } {
  const all = threads[0] * threads[1];
  return {
    count: Math.ceil(size / all),
    guarded: (p, text) => (p + 1) * all <= size ? text : `if (own < ${size - p * all}) { ${text} }`,
  };
}

/** Left, one number at a time. */
function narrowLeft(
  parameters: GemmParameters,
  layout: GemmLayout,
  { pitch }: SharedTile,
): TileLoads {
  const { threads, block, depth } = parameters;
  const all = threads[0] * threads[1];
  const rows = threads[0] * block[0];
  const { count, guarded } = shares(parameters, depth * rows);
  return {
    once: each(
      count,
      (p) =>
        `  let leftRow${p} = (own + ${p * all}) ${
          layout.left === "inner" ? `/ ${depth}` : `% ${rows}`
        };
  let leftDepth${p} = (own + ${p * all}) ${layout.left === "inner" ? `% ${depth}` : `/ ${rows}`};
  let start${p} = startOf(tileRow + leftRow${p});`,
    ),
    variables: each(count, (p) => `  var line${p} : vec2<i32>;\n  var left${p} : f32;`),
    segment: each(count, (p) => `    line${p} = lineOf(start${p}, segment);`),
    load: each(
      count,
      (p) =>
        `      left${p} = select(0.0, loadLeft(leftBase, line${p}, start${p}.z + (first + leftDepth${p}) * s.innerStep), first + leftDepth${p} < endInner);`,
    ),
    store: each(
      count,
      (p) => `      ${guarded(p, `leftTile[leftDepth${p} * ${pitch} + leftRow${p}] = left${p};`)}`,
    ),
  };
}

/** Left, four numbers at a time, which stay together in shared memory. */
function wideLeft(
  parameters: GemmParameters,
  layout: GemmLayout,
  { pitch }: SharedTile,
): TileLoads {
  const { threads, block, depth } = parameters;
  const all = threads[0] * threads[1];
  const rows = threads[0] * block[0];
  const { count, guarded } = shares(parameters, depth * rows / 4);
  const inner = layout.left === "inner";
  // A line of the tile is a row, or a step of the inner dimension.
  const [line, along] = [
    (p: number) => `(own + ${p * all}) / ${pitch}`,
    (p: number) => `(own + ${p * all}) % ${pitch} * 4`,
  ];
  return {
    once: each(count, (p) =>
      `  let leftRow${p} = ${inner ? line(p) : along(p)};
  let leftDepth${p} = ${inner ? along(p) : line(p)};
  let start${p} = startOf(tileRow + leftRow${p});`),
    variables: each(count, (p) => `  var line${p} : vec2<i32>;\n  var left${p} : vec4<f32>;`),
    segment: each(count, (p) => `    line${p} = lineOf(start${p}, segment);`),
    load: each(
      count,
      (p) =>
        `      left${p} = select(vec4<f32>(0), loadLeft(leftBase, line${p}, start${p}.z + (first + leftDepth${p}) * s.innerStep), first + leftDepth${p} < endInner);`,
    ),
    store: each(count, (p) => `      ${guarded(p, `leftTile[own + ${p * all}] = left${p};`)}`),
  };
}

/** Right, one number at a time. */
function narrowRight(
  parameters: GemmParameters,
  layout: GemmLayout,
  { pitch }: SharedTile,
): TileLoads {
  const { threads, block, depth, vector } = parameters;
  const all = threads[0] * threads[1];
  const across = threads[1] * block[1] / vector;
  const { count, guarded } = shares(parameters, depth * across);
  return {
    once: each(
      count,
      (p) =>
        `  let rightVector${p} = (own + ${p * all}) ${
          layout.right === "inner" ? `/ ${depth}` : `% ${across}`
        };
  let rightDepth${p} = (own + ${p * all}) ${
          layout.right === "inner" ? `% ${depth}` : `/ ${across}`
        };
${
          each(
            vector,
            (e) =>
              `  let column${p}_${e} = min(tileColumn + rightVector${p} * ${vector} + ${e}, s.columns - 1) * s.rightColumn;`,
          )
        }`,
    ),
    variables: each(count, (p) => `  var right${p} : ${type(vector)};`),
    segment: "",
    load: each(count, (p) =>
      `      {
        let at = rightBase + segment * s.rightSegment + (first + rightDepth${p}) * s.rightInner;
        right${p} = select(${type(vector)}(0), ${type(vector)}(${
        list(vector, (e) => `right[at + column${p}_${e}]`)
      }), first + rightDepth${p} < endInner);
      }`),
    store: each(
      count,
      (p) =>
        `      ${
          guarded(p, `rightTile[rightDepth${p} * ${pitch} + rightVector${p}] = right${p};`)
        }`,
    ),
  };
}

/** Right, four numbers at a time. Along the inner dimension a thread loads four by four, and writes them the other way round. */
function wideRight(
  parameters: GemmParameters,
  layout: GemmLayout,
  { pitch }: SharedTile,
): TileLoads {
  const { threads, block, depth } = parameters;
  const all = threads[0] * threads[1];
  const across = threads[1] * block[1] / 4;
  const at = (inner: string) =>
    `rightBase + segment * s.rightSegment + (first + ${inner}) * s.rightInner`;
  if (layout.right === "columns") {
    const { count, guarded } = shares(parameters, depth * across);
    return {
      once: each(count, (p) =>
        `  let rightVector${p} = (own + ${p * all}) % ${across};
  let rightDepth${p} = (own + ${p * all}) / ${across};
  let column${p} = min(tileColumn + rightVector${p} * 4, s.columns - 4);`),
      variables: each(count, (p) => `  var right${p} : vec4<f32>;`),
      segment: "",
      load: each(
        count,
        (p) =>
          `      right${p} = select(vec4<f32>(0), right[(${
            at(`rightDepth${p}`)
          } + column${p}) / 4], first + rightDepth${p} < endInner);`,
      ),
      store: each(
        count,
        (p) =>
          `      ${
            guarded(p, `rightTile[rightDepth${p} * ${pitch} + rightVector${p}] = right${p};`)
          }`,
      ),
    };
  }
  const { count, guarded } = shares(parameters, depth * across / 4);
  return {
    once: each(count, (p) =>
      `  let rightVector${p} = (own + ${p * all}) / ${depth / 4};
  let rightDepth${p} = (own + ${p * all}) % ${depth / 4} * 4;
${
        each(
          4,
          (e) =>
            `  let column${p}_${e} = min(tileColumn + rightVector${p} * 4 + ${e}, s.columns - 1) * s.rightColumn;`,
        )
      }`),
    variables: each(count, (p) => each(4, (e) => `  var right${p}_${e} : vec4<f32>;`)),
    segment: "",
    load: each(
      count,
      (p) =>
        each(
          4,
          (e) =>
            `      right${p}_${e} = select(vec4<f32>(0), right[(${
              at(`rightDepth${p}`)
            } + column${p}_${e}) / 4], first + rightDepth${p} < endInner);`,
        ),
    ),
    store: each(count, (p) =>
      `      ${
        guarded(
          p,
          each(4, (d) =>
            `rightTile[(rightDepth${p} + ${d}) * ${pitch} + rightVector${p}] = vec4<f32>(${
              list(4, (e) => `right${p}_${e}${component(4, d)}`)
            });`),
        )
      }`),
  };
}

/** Multiplies the tiles in shared memory. Drivers unroll the loop themselves where that is worth it. */
function tileProduct(parameters: GemmParameters, layout: GemmLayout, width: GemmWidth): string {
  const { threads, block: [rows, columns], depth, vector } = parameters;
  const { left, right } = sharedTiles(parameters, layout, width);
  const vectors = columns / vector;
  const step = (k: string, a: (i: number) => string) =>
    `${
      each(vectors, (j) =>
        `        let b${j} = rightTile[${k} * ${right.pitch} + ${j * threads[1]} + x];`)
    }
${each(rows, (i) => each(vectors, (j) => `        sum${i}_${j} += ${a(i)} * b${j};`))}`;
  if (width.left && layout.left === "inner") {
    return `      for (var q = 0; q < ${depth / 4}; q++) {
${each(rows, (i) => `        let a${i} = leftTile[(y * ${rows} + ${i}) * ${left.pitch} + q];`)}
${
      each(4, (e) =>
        `        {\n${step(`(4 * q + ${e})`, (i) => `a${i}${component(4, e)}`)}\n        }`)
    }
      }`;
  }
  const own = width.left ? rows / 4 : rows;
  return `      for (var k = 0; k < ${depth}; k++) {
${each(own, (i) => `        let a${i} = leftTile[k * ${left.pitch} + y * ${own} + ${i}];`)}
${step("k", (i) => width.left ? `a${i >> 2}${component(4, i & 3)}` : `a${i}`)}
      }`;
}

/** The column of an element of a thread's block. Threads have neighbouring vectors, so that they load and store neighbours. */
function column({ threads, vector }: GemmParameters, j: number, element: number): string {
  return `tileColumn + (x + ${j * threads[1]}) * ${vector} + ${element}`;
}

function type(vector: number): string {
  return vector === 1 ? "f32" : `vec${vector}<f32>`;
}

function component(vector: number, element: number): string {
  return vector === 1 ? "" : `.${"xyzw"[element]}`;
}

function each(count: number, text: (i: number) => string): string {
  return Array.from({ length: count }, (_, i) => text(i)).join("\n");
}

function list(count: number, text: (i: number) => string): string {
  return Array.from({ length: count }, (_, i) => text(i)).join(", ");
}
