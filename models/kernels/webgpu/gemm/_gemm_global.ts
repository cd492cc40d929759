import type { GemmParameters } from "./_gemm_parameters.ts";
import {
  nameType,
  pickComponent,
  repeatLines,
  repeatList,
  roundToHalf,
  writeColumn,
  writePadding,
} from "./_gemm_text.ts";

/**
 * Writes the loops in which each thread loads what it needs; with subgroups, each loads one row of eight. In fours, each of
 * both operands is loaded for four steps at once, or four neighbouring rows and columns are.
 */
export function writeGlobalBody(
  parameters: GemmParameters,
  { fours, ones, half }: {
    readonly fours: "inner" | "rows" | undefined;
    readonly ones: boolean;
    readonly half: boolean;
  },
): string {
  const { block: [rows, columns], depth, vector, operands } = parameters;
  const subgroup = operands === "subgroup";
  const across = fours === "rows";
  const loads = across ? Math.ceil(rows / 32) : subgroup ? rows / 8 : rows;
  const vectors = columns / vector;
  const row = (i: number) =>
    across
      ? `firstRow + ${32 * i} + x * 4`
      : subgroup
      ? `firstRow + ${8 * i} + x`
      : `firstRow + ${i}`;
  const takeRow = (i: number) =>
    across
      ? `subgroupBroadcast(own${i >> 5}${pickComponent(4, i & 3)}, ${(i & 31) >> 2}u)`
      : subgroup
      ? `subgroupBroadcast(own${i >> 3}, ${i & 7}u)`
      : `own${i}`;
  const loadLeft = (i: number, k: string) =>
    `loadLeft(leftBase, line${i}, start${i}.z + ${k} * s.innerStep${ones ? `, rest${i}` : ""})`;
  const at = (k: string) => `rightBase + segment * s.rightSegment + ${k} * s.rightInner`;
  const multiply = repeatLines(
    rows,
    (i) =>
      `      let a${i} = ${takeRow(i)};
${repeatLines(vectors, (j) => `      sum${i}_${j} += a${i} * b${j};`)}`,
  );
  const step = (k: string) =>
    `${repeatLines(loads, (i) => `      let own${i} = ${loadLeft(i, k)};`)}
      let at = ${at(k)};
${
      repeatLines(vectors, (j) =>
        `      let b${j} = ${
          across
            ? roundToHalf(4, half, `right[(at + column${j}) / 4]`)
            : `${nameType(vector)}(${
              repeatList(vector, (e) =>
                roundToHalf(1, half, `right[at + column${j}_${e}]`))
            })`
        };`)
    }
${multiply}`;
  const inFours = `    for (var inner = firstInner; inner < endInner; inner += 4) {
${repeatLines(loads, (i) => `      let left${i} = ${loadLeft(i, "inner")};`)}
      let at = ${at("inner")};
${
    repeatLines(vectors, (j) =>
      repeatLines(
        vector,
        (e) =>
          `      let right${j}_${e} = ${
            roundToHalf(4, half, `right[(at + column${j}_${e}) / 4]`)
          };`,
      ))
  }
      for (var k = 0; k < 4; k++) {
${repeatLines(loads, (i) => `      let own${i} = left${i}[k];`)}
${
    repeatLines(vectors, (j) =>
      `      let b${j} = ${nameType(vector)}(${
        repeatList(vector, (e) => `right${j}_${e}[k]`)
      });`)
  }
${multiply}
      }
    }`;
  const oneByOne = `    var inner = firstInner;
${
    depth > 1
      ? `    for (; inner + ${depth - 1} < endInner; inner += ${depth}) {
${
        repeatLines(depth, (k) =>
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
  const padding = (row: string) =>
    fours
      ? `vec4<f32>(${repeatList(across ? 4 : 1, (e) => writePadding(`${row} + ${e}`))})`
      : writePadding(row);
  return `${
    repeatLines(loads, (i) =>
      `  let start${i} = startOf(${row(i)});${
        ones ? `\n  let rest${i} = ${padding(row(i))};` : ""
      }`)
  }
${
    repeatLines(vectors, (j) =>
      // A column that isn't there is computed like the last one, and not stored.
      across
        ? `  let column${j} = min(${writeColumn(parameters, j, 0)}, s.columns - 4);`
        : repeatLines(vector, (e) =>
          `  let column${j}_${e} = min(${
            writeColumn(parameters, j, e)
          }, s.columns - 1) * s.rightColumn;`))
  }
  for (var segment = firstSegment; segment < endSegment; segment++) {
${repeatLines(loads, (i) => `    let line${i} = lineOf(start${i}, segment);`)}
${fours === "inner" ? inFours : oneByOne}
  }`;
}
