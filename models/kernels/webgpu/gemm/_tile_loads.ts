import type { GemmParameters } from "./_gemm_parameters.ts";
import type { GemmLayout } from "./_gemm_settings.ts";
import {
  convertToTile,
  nameTileType,
  nameType,
  pickComponent,
  repeatLines,
  repeatList,
  writePadding,
} from "./_gemm_text.ts";
import type { SharedTile } from "./_shared_tiles.ts";

/** The code by which a thread loads its share of a tile, in the parts of the loops that they belong to. */
export interface TileLoads {
  /** Before all loops. */
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

/** Writes how the left operand is loaded: one number at a time, or four that stay together in shared memory. */
export function writeLeftLoads(
  parameters: GemmParameters,
  layout: GemmLayout,
  { vector, pitch }: SharedTile,
  { ones, half }: { readonly ones: boolean; readonly half: boolean },
): TileLoads {
  const { threads, block, depth } = parameters;
  const wide = vector === 4;
  const all = threads[0] * threads[1];
  const rows = threads[0] * block[0];
  const { count, guard } = shareUnits(parameters, depth * rows / vector);
  const inner = layout.left === "inner";
  // A line of units is a row, or a step of the inner dimension.
  const units = (inner ? depth : rows) / vector;
  const line = (p: number) => `(own + ${p * all}) / ${units}`;
  const along = (p: number) => `(own + ${p * all}) % ${units}${wide ? " * 4" : ""}`;
  const padding = (p: number) =>
    wide
      ? `vec4<f32>(${
        repeatList(inner ? 1 : 4, (e) => writePadding(`tileRow + leftRow${p} + ${e}`))
      })`
      : writePadding(`tileRow + leftRow${p}`);
  return {
    once: repeatLines(count, (p) =>
      `  let leftRow${p} = ${inner ? line(p) : along(p)};
  let leftDepth${p} = ${inner ? along(p) : line(p)};
  let start${p} = startOf(tileRow + leftRow${p});${
        ones ? `\n  let rest${p} = ${padding(p)};` : ""
      }`),
    variables: repeatLines(
      count,
      (p) => `  var line${p} : vec2<i32>;\n  var left${p} : ${nameType(vector)};`,
    ),
    segment: repeatLines(count, (p) => `    line${p} = lineOf(start${p}, segment);`),
    load: repeatLines(
      count,
      (p) =>
        `      left${p} = select(${
          wide ? "vec4<f32>(0)" : "0.0"
        }, loadLeft(leftBase, line${p}, start${p}.z + (first + leftDepth${p}) * s.innerStep${
          ones ? `, rest${p}` : ""
        }), first + leftDepth${p} < endInner);`,
    ),
    store: repeatLines(count, (p) => {
      const at = wide ? `own + ${p * all}` : `leftDepth${p} * ${pitch} + leftRow${p}`;
      return `      ${guard(p, `leftTile[${at}] = ${convertToTile(vector, half, `left${p}`)};`)}`;
    }),
  };
}

/** Writes how the right operand is loaded. */
export function writeRightLoads(
  parameters: GemmParameters,
  layout: GemmLayout,
  tile: SharedTile,
  { wide, half }: { readonly wide: boolean; readonly half: boolean },
): TileLoads {
  return wide
    ? writeWideRightLoads(parameters, layout, tile, half)
    : writeNarrowRightLoads(parameters, layout, tile, half);
}

/** Writes how the right operand is loaded one number at a time. */
function writeNarrowRightLoads(
  parameters: GemmParameters,
  layout: GemmLayout,
  { pitch }: SharedTile,
  half: boolean,
): TileLoads {
  const { threads, block, depth, vector } = parameters;
  const all = threads[0] * threads[1];
  const across = threads[1] * block[1] / vector;
  const { count, guard } = shareUnits(parameters, depth * across);
  return {
    once: repeatLines(
      count,
      (p) =>
        `  let rightVector${p} = (own + ${p * all}) ${
          layout.right === "inner" ? `/ ${depth}` : `% ${across}`
        };
  let rightDepth${p} = (own + ${p * all}) ${
          layout.right === "inner" ? `% ${depth}` : `/ ${across}`
        };
${
          repeatLines(
            vector,
            (e) =>
              `  let column${p}_${e} = min(tileColumn + rightVector${p} * ${vector} + ${e}, s.columns - 1) * s.rightColumn;`,
          )
        }`,
    ),
    variables: repeatLines(count, (p) => `  var right${p} : ${nameType(vector)};`),
    segment: "",
    load: repeatLines(count, (p) =>
      `      {
        let at = rightBase + segment * s.rightSegment + (first + rightDepth${p}) * s.rightInner;
        right${p} = select(${nameType(vector)}(0), ${nameType(vector)}(${
        repeatList(vector, (e) => `right[at + column${p}_${e}]`)
      }), first + rightDepth${p} < endInner);
      }`),
    store: repeatLines(
      count,
      (p) =>
        `      ${
          guard(
            p,
            `rightTile[rightDepth${p} * ${pitch} + rightVector${p}] = ${
              convertToTile(vector, half, `right${p}`)
            };`,
          )
        }`,
    ),
  };
}

/**
 * Writes how the right operand is loaded four numbers at a time. Along the inner dimension a thread loads four by four, and
 * writes them the other way round.
 */
function writeWideRightLoads(
  parameters: GemmParameters,
  layout: GemmLayout,
  { pitch }: SharedTile,
  half: boolean,
): TileLoads {
  const { threads, block, depth } = parameters;
  const all = threads[0] * threads[1];
  const across = threads[1] * block[1] / 4;
  const at = (inner: string) =>
    `rightBase + segment * s.rightSegment + (first + ${inner}) * s.rightInner`;
  if (layout.right === "columns") {
    const { count, guard } = shareUnits(parameters, depth * across);
    return {
      once: repeatLines(count, (p) =>
        `  let rightVector${p} = (own + ${p * all}) % ${across};
  let rightDepth${p} = (own + ${p * all}) / ${across};
  let column${p} = min(tileColumn + rightVector${p} * 4, s.columns - 4);`),
      variables: repeatLines(count, (p) => `  var right${p} : vec4<f32>;`),
      segment: "",
      load: repeatLines(
        count,
        (p) =>
          `      right${p} = select(vec4<f32>(0), right[(${
            at(`rightDepth${p}`)
          } + column${p}) / 4], first + rightDepth${p} < endInner);`,
      ),
      store: repeatLines(
        count,
        (p) =>
          `      ${
            guard(
              p,
              `rightTile[rightDepth${p} * ${pitch} + rightVector${p}] = ${
                convertToTile(4, half, `right${p}`)
              };`,
            )
          }`,
      ),
    };
  }
  const { count, guard } = shareUnits(parameters, depth * across / 4);
  return {
    once: repeatLines(count, (p) =>
      `  let rightVector${p} = (own + ${p * all}) / ${depth / 4};
  let rightDepth${p} = (own + ${p * all}) % ${depth / 4} * 4;
${
        repeatLines(
          4,
          (e) =>
            `  let column${p}_${e} = min(tileColumn + rightVector${p} * 4 + ${e}, s.columns - 1) * s.rightColumn;`,
        )
      }`),
    variables: repeatLines(
      count,
      (p) => repeatLines(4, (e) => `  var right${p}_${e} : vec4<f32>;`),
    ),
    segment: "",
    load: repeatLines(
      count,
      (p) =>
        repeatLines(
          4,
          (e) =>
            `      right${p}_${e} = select(vec4<f32>(0), right[(${
              at(`rightDepth${p}`)
            } + column${p}_${e}) / 4], first + rightDepth${p} < endInner);`,
        ),
    ),
    store: repeatLines(count, (p) =>
      `      ${
        guard(
          p,
          repeatLines(4, (d) =>
            `rightTile[(rightDepth${p} + ${d}) * ${pitch} + rightVector${p}] = ${
              nameTileType(4, half)
            }(${
              repeatList(4, (e) => convertToTile(1, half, `right${p}_${e}${pickComponent(4, d)}`))
            });`),
        )
      }`),
  };
}

/** Shares `size` units among the threads: a thread has `count` of them, of which the last may be for some threads only. */
function shareUnits(
  { threads }: GemmParameters,
  size: number,
): { readonly count: number; readonly guard: (p: number, text: string) => string } {
  const all = threads[0] * threads[1];
  return {
    count: Math.ceil(size / all),
    guard: (p, text) => (p + 1) * all <= size ? text : `if (own < ${size - p * all}) { ${text} }`,
  };
}
