// Writes programs for products of matrices. One program computes dense products and convolutions alike, since an operand may
// be an image: an element of the left operand is found by its row, and by the inner dimension as segments of some length.
//
//   convolution          row: output pixel        segment: row of the filter   along it: column of the filter and channel
//   its filter gradient  row: the filter's tap    segment: row of an image     along it: column of the output
//   dense product        row: row                 segment: the only one        along it: all of the inner dimension
//
// In memory, a row of an image with all its channels lies together, so that along a segment the address grows by a constant,
// and the padding at the image's left and right edges is before and after that row. None of this is part of the code: the
// settings tell where the elements are, so that a few programs do for all shapes.
//
// The operations on a sum before it is stored, such as bias and ReLU, are part of the code: see _epilogue.ts.
import { declareEpilogue, declareEpilogueSettings, type EpilogueKind } from "./_epilogue.ts";
import { writeGlobalBody } from "./_gemm_global.ts";
import type { GemmParameters } from "./_gemm_parameters.ts";
import { GEMM_SETTINGS, type GemmLayout, type GemmWidth } from "./_gemm_settings.ts";
import { writeSharedBody } from "./_gemm_shared.ts";
import { writeStores } from "./_gemm_stores.ts";
import { nameTileType, nameType, repeatLines, roundToHalf } from "./_gemm_text.ts";
import { layOutTiles } from "./_shared_tiles.ts";

/** Everything that a program's code depends on. */
export interface GemmVariant {
  readonly parameters: GemmParameters;
  readonly layout: GemmLayout;
  readonly width: GemmWidth;
  readonly epilogue: EpilogueKind;
  /** Whether operands are rounded to half precision. Their products are summed in single precision all the same. */
  readonly half: boolean;
}

/** Names a program. */
export function nameGemm({ parameters, layout, width, epilogue, half }: GemmVariant): string {
  const { threads, block, depth, operands, vector, prefetch } = parameters;
  const loads = operands === "shared"
    ? `-${layout.left}${width.left ? 4 : ""}-${layout.right}${width.right ? 4 : ""}${
      prefetch ? "-prefetch" : ""
    }`
    // Without shared memory it is all the same to a thread that loads one number at a time.
    : width.left
    ? layout.left === "rows" ? `-across${width.result ? 4 : ""}` : "-fours"
    : "";
  return `rill-gemm-${threads.join("x")}-${
    block.join("x")
  }-${depth}-${operands}-${vector}${loads}-${epilogue}${half ? "-half" : ""}`;
}

/** Writes the code of a program. */
export function writeGemm(variant: GemmVariant): string {
  const { parameters, layout, width, epilogue, half } = variant;
  const { threads: [threadRows, threadColumns], block, vector, operands } = parameters;
  const ones = epilogue === "ones" || epilogue === "ones-slices";
  const body = operands === "shared"
    ? writeSharedBody(parameters, layout, width, { ones, half })
    : writeGlobalBody(parameters, { fours: width.left ? layout.left : undefined, ones, half });
  return `${half ? "enable f16;\n" : ""}${writeDeclarations(variant, ones)}
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
${
    repeatLines(block[0], (i) =>
      repeatLines(block[1] / vector, (j) => `  var sum${i}_${j} = ${nameType(vector)}(0);`))
  }
${body}
${writeStores(parameters, layout, width, epilogue)}
}
`;
}

/** Writes the settings, the bindings and the functions of a program. */
function writeDeclarations(
  { parameters, layout, width, epilogue, half }: GemmVariant,
  ones: boolean,
): string {
  const operand = (wide: boolean) => wide ? "vec4<f32>" : "f32";
  const tiles = layOutTiles(parameters, layout, width);
  return `struct Settings {
${GEMM_SETTINGS.map((name) => `  ${name} : i32,`).join("\n")}
${declareEpilogueSettings(epilogue)}
}
@group(0) @binding(0) var<storage, read_write> result : array<${operand(width.result)}>;
@group(0) @binding(1) var<storage, read> left : array<${operand(width.left)}>;
@group(0) @binding(2) var<storage, read> right : array<${operand(width.right)}>;
${declareEpilogue(epilogue, 3)}
${
    parameters.operands === "shared"
      ? `var<workgroup> leftTile : array<${
        nameTileType(tiles.left.vector, half)
      }, ${tiles.left.size}>;
var<workgroup> rightTile : array<${nameTileType(tiles.right.vector, half)}, ${tiles.right.size}>;`
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
fn loadLeft(base : i32, line : vec2<i32>, element : i32${
    ones ? `, rest : ${operand(width.left)}` : ""
  }) -> ${operand(width.left)} {
  return select(${ones ? "rest" : `${operand(width.left)}(0)`}, ${
    // With shared memory it is rounded when it is written there.
    roundToHalf(
      width.left ? 4 : 1,
      half && parameters.operands !== "shared",
      `left[(base + line.x + element)${width.left ? " / 4" : ""}]`,
    )}, u32(element) < u32(line.y));
}
fn rowOfResult(row : i32) -> i32 {
  let pixel = row % s.plane;
  return row / s.plane * s.resultPlane + pixel / s.line * s.resultLine + pixel % s.line * s.resultPixel;
}
`;
}
