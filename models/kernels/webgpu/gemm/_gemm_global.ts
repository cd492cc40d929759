import type { GemmParameters } from "./_gemm_parameters.ts";
import { column, each, list, rest, rounded, type } from "./_gemm_text.ts";

/**
 * Each thread loads what it needs; with subgroups, each loads one row of eight. In fours, each of both operands is loaded for
 * four steps at once.
 */
export function globalBody(
  parameters: GemmParameters,
  { fours, ones, half }: {
    readonly fours: boolean;
    readonly ones: boolean;
    readonly half: boolean;
  },
): string {
  const { block: [rows, columns], depth, vector, operands } = parameters;
  const subgroup = operands === "subgroup";
  const loads = subgroup ? rows / 8 : rows;
  const vectors = columns / vector;
  const row = (i: number) => subgroup ? `firstRow + ${8 * i} + x` : `firstRow + ${i}`;
  const loadLeft = (i: number, k: string) =>
    `loadLeft(leftBase, line${i}, start${i}.z + ${k} * s.innerStep${ones ? `, rest${i}` : ""})`;
  const at = (k: string) => `rightBase + segment * s.rightSegment + ${k} * s.rightInner`;
  const multiply = each(
    rows,
    (i) =>
      `      let a${i} = ${subgroup ? `subgroupBroadcast(own${i >> 3}, ${i & 7}u)` : `own${i}`};
${each(vectors, (j) => `      sum${i}_${j} += a${i} * b${j};`)}`,
  );
  const step = (k: string) =>
    `${each(loads, (i) => `      let own${i} = ${loadLeft(i, k)};`)}
      let at = ${at(k)};
${
      each(vectors, (j) =>
        `      let b${j} = ${type(vector)}(${
          list(vector, (e) => rounded(1, half, `right[at + column${j}_${e}]`))
        });`)
    }
${multiply}`;
  const inFours = `    for (var inner = firstInner; inner < endInner; inner += 4) {
${each(loads, (i) => `      let left${i} = ${loadLeft(i, "inner")};`)}
      let at = ${at("inner")};
${
    each(vectors, (j) =>
      each(
        vector,
        (e) =>
          `      let right${j}_${e} = ${rounded(4, half, `right[(at + column${j}_${e}) / 4]`)};`,
      ))
  }
      for (var k = 0; k < 4; k++) {
${each(loads, (i) => `      let own${i} = left${i}[k];`)}
${
    each(vectors, (j) =>
      `      let b${j} = ${type(vector)}(${list(vector, (e) => `right${j}_${e}[k]`)});`)
  }
${multiply}
      }
    }`;
  const oneByOne = `    var inner = firstInner;
${
    depth > 1
      ? `    for (; inner + ${depth - 1} < endInner; inner += ${depth}) {
${
        each(depth, (k) =>
          `      {
${step(`(inner + ${k})`)}
      }`)
      }
    }`
      : ""
  }
    for (; inner < endInner; inner++) {
${step("inner")}
    }`;
  const restOf = (row: string) => fours ? `vec4<f32>(${rest(row)})` : rest(row);
  return `${
    each(loads, (i) =>
      `  let start${i} = startOf(${row(i)});${ones ? `\n  let rest${i} = ${restOf(row(i))};` : ""}`)
  }
${
    each(vectors, (j) =>
      each(vector, (e) =>
        // A column that isn't there is computed like the last one, and not stored.
        `  let column${j}_${e} = min(${column(parameters, j, e)}, s.columns - 1) * s.rightColumn;`))
  }
  for (var segment = firstSegment; segment < endSegment; segment++) {
${each(loads, (i) => `    let line${i} = lineOf(start${i}, segment);`)}
${fours ? inFours : oneByOne}
  }`;
}
