import type { GemmParameters } from "./_gemm_parameters.ts";
import type { GemmLayout, GemmWidth } from "./_gemm_settings.ts";
import { convertFromTile, pickComponent, repeatLines } from "./_gemm_text.ts";
import { layOutTiles } from "./_shared_tiles.ts";
import { type TileLoads, writeLeftLoads, writeRightLoads } from "./_tile_loads.ts";

/** Writes the loops in which the workgroup loads a tile of each operand, and each thread takes from these what it needs. */
export function writeSharedBody(
  parameters: GemmParameters,
  layout: GemmLayout,
  width: GemmWidth,
  { ones, half }: { readonly ones: boolean; readonly half: boolean },
): string {
  const { threads, depth, prefetch } = parameters;
  const tiles = layOutTiles(parameters, layout, width);
  const loads = [
    writeLeftLoads(parameters, layout, tiles.left, { ones, half }),
    writeRightLoads(parameters, layout, tiles.right, { wide: width.right, half }),
  ];
  const all = (part: keyof TileLoads) => loads.map((one) => one[part]).join("\n");
  const compute = writeTileProduct(parameters, layout, width, half);
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

/** Writes the product of the tiles in shared memory. Drivers unroll the loop themselves where that is worth it. */
function writeTileProduct(
  parameters: GemmParameters,
  layout: GemmLayout,
  width: GemmWidth,
  half: boolean,
): string {
  const { threads, block: [rows, columns], depth, vector } = parameters;
  const { left, right } = layOutTiles(parameters, layout, width);
  const vectors = columns / vector;
  const step = (k: string, a: (i: number) => string) =>
    `${
      repeatLines(vectors, (j) =>
        `        let b${j} = ${
          convertFromTile(vector, half, `rightTile[${k} * ${right.pitch} + ${j * threads[1]} + x]`)
        };`)
    }
${
      repeatLines(rows, (i) =>
        repeatLines(vectors, (j) => `        sum${i}_${j} += ${a(i)} * b${j};`))
    }`;
  if (width.left && layout.left === "inner") {
    return `      for (var q = 0; q < ${depth / 4}; q++) {
${
      repeatLines(rows, (i) =>
        `        let a${i} = ${
          convertFromTile(4, half, `leftTile[(y * ${rows} + ${i}) * ${left.pitch} + q]`)
        };`)
    }
${
      repeatLines(4, (e) =>
        `        {\n${
          step(`(4 * q + ${e})`, (i) => `a${i}${pickComponent(4, e)}`)
        }\n        }`)
    }
      }`;
  }
  const own = width.left ? rows / 4 : rows;
  return `      for (var k = 0; k < ${depth}; k++) {
${
    repeatLines(own, (i) =>
      `        let a${i} = ${
        convertFromTile(left.vector, half, `leftTile[k * ${left.pitch} + y * ${own} + ${i}]`)
      };`)
  }
${step("k", (i) => width.left ? `a${i >> 2}${pickComponent(4, i & 3)}` : `a${i}`)}
      }`;
}
