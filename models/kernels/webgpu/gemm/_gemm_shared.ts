import type { GemmLayout, GemmWidth } from "./_gemm_settings.ts";
import type { GemmParameters } from "./_gemm_parameters.ts";
import { component, each, fromTile, list, rest, tileType, toTile, type } from "./_gemm_text.ts";

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
export function sharedTiles(
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
export function sharedBody(
  parameters: GemmParameters,
  layout: GemmLayout,
  width: GemmWidth,
  { ones, half }: { readonly ones: boolean; readonly half: boolean },
): string {
  const { threads, depth, prefetch } = parameters;
  const tiles = sharedTiles(parameters, layout, width);
  const loads = [
    width.left
      ? wideLeft(parameters, layout, tiles.left, { ones, half })
      : narrowLeft(parameters, layout, tiles.left, { ones, half }),
    width.right
      ? wideRight(parameters, layout, tiles.right, half)
      : narrowRight(parameters, layout, tiles.right, half),
  ];
  const all = (part: keyof TileLoads) => loads.map((one) => one[part]).join("\n");
  const compute = tileProduct(parameters, layout, width, half);
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
  { ones, half }: { readonly ones: boolean; readonly half: boolean },
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
  let start${p} = startOf(tileRow + leftRow${p});${
          ones ? `\n  let rest${p} = ${rest(`tileRow + leftRow${p}`)};` : ""
        }`,
    ),
    variables: each(count, (p) => `  var line${p} : vec2<i32>;\n  var left${p} : f32;`),
    segment: each(count, (p) => `    line${p} = lineOf(start${p}, segment);`),
    load: each(
      count,
      (p) =>
        `      left${p} = select(0.0, loadLeft(leftBase, line${p}, start${p}.z + (first + leftDepth${p}) * s.innerStep${
          ones ? `, rest${p}` : ""
        }), first + leftDepth${p} < endInner);`,
    ),
    store: each(
      count,
      (p) =>
        `      ${
          guarded(
            p,
            `leftTile[leftDepth${p} * ${pitch} + leftRow${p}] = ${toTile(1, half, `left${p}`)};`,
          )
        }`,
    ),
  };
}

/** Left, four numbers at a time, which stay together in shared memory. */
function wideLeft(
  parameters: GemmParameters,
  layout: GemmLayout,
  { pitch }: SharedTile,
  { ones, half }: { readonly ones: boolean; readonly half: boolean },
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
  let start${p} = startOf(tileRow + leftRow${p});${
        ones
          ? `\n  let rest${p} = vec4<f32>(${
            list(inner ? 1 : 4, (e) => rest(`tileRow + leftRow${p} + ${e}`))
          });`
          : ""
      }`),
    variables: each(count, (p) => `  var line${p} : vec2<i32>;\n  var left${p} : vec4<f32>;`),
    segment: each(count, (p) => `    line${p} = lineOf(start${p}, segment);`),
    load: each(
      count,
      (p) =>
        `      left${p} = select(vec4<f32>(0), loadLeft(leftBase, line${p}, start${p}.z + (first + leftDepth${p}) * s.innerStep${
          ones ? `, rest${p}` : ""
        }), first + leftDepth${p} < endInner);`,
    ),
    store: each(
      count,
      (p) => `      ${guarded(p, `leftTile[own + ${p * all}] = ${toTile(4, half, `left${p}`)};`)}`,
    ),
  };
}

/** Right, one number at a time. */
function narrowRight(
  parameters: GemmParameters,
  layout: GemmLayout,
  { pitch }: SharedTile,
  half: boolean,
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
          guarded(
            p,
            `rightTile[rightDepth${p} * ${pitch} + rightVector${p}] = ${
              toTile(vector, half, `right${p}`)
            };`,
          )
        }`,
    ),
  };
}

/** Right, four numbers at a time. Along the inner dimension a thread loads four by four, and writes them the other way round. */
function wideRight(
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
            guarded(
              p,
              `rightTile[rightDepth${p} * ${pitch} + rightVector${p}] = ${
                toTile(4, half, `right${p}`)
              };`,
            )
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
            `rightTile[(rightDepth${p} + ${d}) * ${pitch} + rightVector${p}] = ${
              tileType(4, half)
            }(${list(4, (e) => toTile(1, half, `right${p}_${e}${component(4, d)}`))});`),
        )
      }`),
  };
}

/** Multiplies the tiles in shared memory. Drivers unroll the loop themselves where that is worth it. */
function tileProduct(
  parameters: GemmParameters,
  layout: GemmLayout,
  width: GemmWidth,
  half: boolean,
): string {
  const { threads, block: [rows, columns], depth, vector } = parameters;
  const { left, right } = sharedTiles(parameters, layout, width);
  const vectors = columns / vector;
  const step = (k: string, a: (i: number) => string) =>
    `${
      each(vectors, (j) =>
        `        let b${j} = ${
          fromTile(vector, half, `rightTile[${k} * ${right.pitch} + ${j * threads[1]} + x]`)
        };`)
    }
${each(rows, (i) => each(vectors, (j) => `        sum${i}_${j} += ${a(i)} * b${j};`))}`;
  if (width.left && layout.left === "inner") {
    return `      for (var q = 0; q < ${depth / 4}; q++) {
${
      each(rows, (i) =>
        `        let a${i} = ${
          fromTile(4, half, `leftTile[(y * ${rows} + ${i}) * ${left.pitch} + q]`)
        };`)
    }
${
      each(4, (e) =>
        `        {\n${step(`(4 * q + ${e})`, (i) => `a${i}${component(4, e)}`)}\n        }`)
    }
      }`;
  }
  const own = width.left ? rows / 4 : rows;
  return `      for (var k = 0; k < ${depth}; k++) {
${
    each(own, (i) =>
      `        let a${i} = ${
        fromTile(left.vector, half, `leftTile[k * ${left.pitch} + y * ${own} + ${i}]`)
      };`)
  }
${step("k", (i) => width.left ? `a${i >> 2}${component(4, i & 3)}` : `a${i}`)}
      }`;
}
