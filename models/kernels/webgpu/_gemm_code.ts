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
//
// What is done with a sum before it is stored, such as bias and ReLU, is part of the code: see _epilogue.ts.
import { epilogueCode, type EpilogueKind, epilogueSettings, finished } from "./_epilogue.ts";
import type { GemmParameters } from "./_gemm_parameters.ts";

/** The settings of a product in the order in which the program has them, all of them whole numbers. */
export const GEMM_SETTINGS = [
  // The size of the product.
  "rows",
  "columns",
  // The row after the left operand's that is all ones, where there is one.
  "onesRow",
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

/** Names a program: everything that its code depends on. */
export function gemmKey(
  parameters: GemmParameters,
  layout: GemmLayout,
  epilogue: EpilogueKind,
): string {
  const { threads, block, depth, operands, vector } = parameters;
  // Without shared memory each thread loads for itself.
  const loads = operands === "shared" ? `-${layout.left}-${layout.right}` : "";
  return `rill-gemm-${threads.join("x")}-${
    block.join("x")
  }-${depth}-${operands}-${vector}${loads}-${epilogue}`;
}

/** The code of a program. */
export function gemmCode(
  parameters: GemmParameters,
  layout: GemmLayout,
  epilogue: EpilogueKind,
): string {
  const { threads: [threadRows, threadColumns], block, vector, operands } = parameters;
  const ones = epilogue === "ones" || epilogue === "ones-slices";
  const body = operands === "shared"
    ? sharedBody(parameters, layout, ones)
    : globalBody(parameters, operands === "subgroup", ones);
  return `${declarations(parameters, epilogue, ones)}
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
  if (tileRow ${ones ? "> s.onesRow" : ">= s.rows"}) { return; }
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
${stores(parameters, epilogue)}
}
`;
}

/** Numbers of a block for which an epilogue is written out: for 512 of them that takes seconds to compile. */
const MOST_WRITTEN_OUT = 64;

/** What stores a thread's sums. */
function stores(parameters: GemmParameters, epilogue: EpilogueKind): string {
  const { threads, block, vector } = parameters;
  const vectors = block[1] / vector;
  const scales = epilogue === "scale" || epilogue === "ones";
  const written = scales || block[0] * block[1] <= MOST_WRITTEN_OUT;
  const columns = (text: (j: number, e: number) => string) =>
    each(vectors, (j) =>
      each(vector, (e) =>
        `    {
      let column = ${column(parameters, j, e)};
      if (column < s.columns) { ${text(j, e)} }
    }`));
  const sum = (i: number, j: number, e: number) => `sum${i}_${j}${component(vector, e)}`;
  const store = (i: number) =>
    columns((j, e) =>
      `let at = start + column; let sum = ${sum(i, j, e)}; result[at] = ${
        written ? finished(epilogue) : "sum"
      };`
    );
  return `${
    each(block[0], (i) =>
      `  if (firstRow + ${i} < s.rows) {
    let start = resultBase + rowOfResult(firstRow + ${i});
${store(i)}
  }`)
  }
${
    epilogue === "ones" || epilogue === "ones-slices"
      ? `  if (firstRow == s.onesRow) {
${
        columns((j, e) =>
          epilogue === "ones"
            ? `sums[column] = ${sum(0, j, e)} * s.scale;`
            : `result[resultBase + s.rows * s.columns + column] = ${sum(0, j, e)};`
        )
      }
  }`
      : ""
  }
${
    written || finished(epilogue) === "sum"
      ? ""
      : `  // A thread finishes what it has stored itself.
  for (var row = firstRow; row < min(firstRow + ${block[0]}, s.rows); row++) {
    let start = resultBase + rowOfResult(row);
    for (var j = 0; j < ${vectors}; j++) {
      for (var e = 0; e < ${vector}; e++) {
        let column = tileColumn + (x + j * ${threads[1]}) * ${vector} + e;
        if (column >= s.columns) { break; }
        let at = start + column;
        let sum = result[at];
        result[at] = ${finished(epilogue)};
      }
    }
  }`
  }`;
}

function declarations(
  { threads, block, depth, operands, vector }: GemmParameters,
  epilogue: EpilogueKind,
  ones: boolean,
): string {
  return `struct Settings {
${GEMM_SETTINGS.map((name) => `  ${name} : i32,`).join("\n")}
${epilogueSettings(epilogue)}
}
@group(0) @binding(0) var<storage, read_write> result : array<f32>;
@group(0) @binding(1) var<storage, read> left : array<f32>;
@group(0) @binding(2) var<storage, read> right : array<f32>;
${epilogueCode(epilogue, 3)}
${
    operands === "shared"
      ? `var<workgroup> leftTile : array<f32, ${depth * threads[0] * block[0]}>;
var<workgroup> rightTile : array<${type(vector)}, ${depth * threads[1] * block[1] / vector}>;`
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
fn loadLeft(base : i32, line : vec2<i32>, element : i32${ones ? ", rest : f32" : ""}) -> f32 {
  return select(${
    ones ? "rest" : "0.0"
  }, left[base + line.x + element], u32(element) < u32(line.y));
}
fn rowOfResult(row : i32) -> i32 {
  let pixel = row % s.plane;
  return row / s.plane * s.resultPlane + pixel / s.line * s.resultLine + pixel % s.line * s.resultPixel;
}
`;
}

/** What a row has where there is no image: zeros, or ones for the row that sums the right operand. */
const rest = (row: string) => `select(0.0, 1.0, ${row} == s.onesRow)`;

/** Each thread loads what it needs; with subgroups, each loads one row of eight. */
function globalBody(parameters: GemmParameters, subgroup: boolean, ones: boolean): string {
  const { block: [rows, columns], depth, vector } = parameters;
  const loads = subgroup ? rows / 8 : rows;
  const vectors = columns / vector;
  const row = (i: number) => subgroup ? `firstRow + ${8 * i} + x` : `firstRow + ${i}`;
  const step = (k: string, guard: string) =>
    `${
      each(loads, (i) =>
        `      let own${i} = loadLeft(leftBase, line${i}, start${i}.z + ${k} * s.innerStep${
          ones ? `, rest${i}` : ""
        });`)
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
  return `${
    each(loads, (i) =>
      `  let start${i} = startOf(${row(i)});${ones ? `\n  let rest${i} = ${rest(row(i))};` : ""}`)
  }
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

/** The workgroup loads a tile of each operand, then each thread takes from these what it needs. */
function sharedBody(parameters: GemmParameters, layout: GemmLayout, ones: boolean): string {
  const { threads, block, depth, vector } = parameters;
  const count = threads[0] * threads[1];
  const tileRows = threads[0] * block[0];
  const tileVectors = threads[1] * block[1] / vector;
  const leftLoads = Math.ceil(depth * tileRows / count);
  const rightLoads = Math.ceil(depth * tileVectors / count);
  const guarded = (size: number, loads: number, index: string, text: string) =>
    size % count === 0 && loads > 0 ? text : `if (${index} < ${size}) { ${text} }`;
  return `  let own = y * ${threads[1]} + x;
${
    each(leftLoads, (p) =>
      `  let leftRow${p} = (own + ${p * count}) ${
        layout.left === "inner" ? `/ ${depth}` : `% ${tileRows}`
      };
  let leftDepth${p} = (own + ${p * count}) ${
        layout.left === "inner" ? `% ${depth}` : `/ ${tileRows}`
      };
  let start${p} = startOf(tileRow + leftRow${p});${
        ones ? `\n  let rest${p} = ${rest(`tileRow + leftRow${p}`)};` : ""
      }`)
  }
${
    each(rightLoads, (p) =>
      `  let rightVector${p} = (own + ${p * count}) ${
        layout.right === "inner" ? `/ ${depth}` : `% ${tileVectors}`
      };
  let rightDepth${p} = (own + ${p * count}) ${
        layout.right === "inner" ? `% ${depth}` : `/ ${tileVectors}`
      };
${
        each(vector, (e) =>
          `  let column${p}_${e} = min(tileColumn + rightVector${p} * ${vector} + ${e}, s.columns - 1) * s.rightColumn;`)
      }`)
  }
  for (var segment = firstSegment; segment < endSegment; segment++) {
${each(leftLoads, (p) => `    let line${p} = lineOf(start${p}, segment);`)}
    let rightSegment = rightBase + segment * s.rightSegment;
    for (var first = firstInner; first < endInner; first += ${depth}) {
${
    each(leftLoads, (p) =>
      `      {
        let inner = first + leftDepth${p};
        let value = select(0.0, loadLeft(leftBase, line${p}, start${p}.z + inner * s.innerStep${
        ones ? `, rest${p}` : ""
      }), inner < endInner);
        ${
        guarded(
          depth * tileRows,
          leftLoads,
          `own + ${p * count}`,
          `leftTile[leftDepth${p} * ${tileRows} + leftRow${p}] = value;`,
        )
      }
      }`)
  }
${
    each(rightLoads, (p) =>
      `      {
        let inner = first + rightDepth${p};
        let at = rightSegment + inner * s.rightInner;
        let value = select(${type(vector)}(0), ${type(vector)}(${
        list(vector, (e) => `right[at + column${p}_${e}]`)
      }), inner < endInner);
        ${
        guarded(
          depth * tileVectors,
          rightLoads,
          `own + ${p * count}`,
          `rightTile[rightDepth${p} * ${tileVectors} + rightVector${p}] = value;`,
        )
      }
      }`)
  }
      workgroupBarrier();
${
    each(depth, (k) =>
      `      {
${
        each(block[1] / vector, (j) =>
          `        let b${j} = rightTile[${k * tileVectors + j * threads[1]} + x];`)
      }
${
        each(block[0], (i) =>
          `        let a${i} = leftTile[${k * tileRows + i} + y * ${block[0]}];
${
            each(block[1] / vector, (j) => `        sum${i}_${j} += a${i} * b${j};`)
          }`)
      }
      }`)
  }
      workgroupBarrier();
    }
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
