import type { GemmParameters } from "./_gemm_parameters.ts";
import {
  nameType,
  repeatLines,
  repeatList,
  roundToHalf,
  writeColumn,
  writePadding,
} from "./_gemm_text.ts";

/**
 * Writes the loops in which each thread loads what it needs; with subgroups, each loads one row of eight. In fours, each of
 * both operands is loaded for four steps at once.
 */
export function writeGlobalBody(
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
  const multiply = repeatLines(
    rows,
    (i) =>
      `      let a${i} = ${subgroup ? `subgroupBroadcast(own${i >> 3}, ${i & 7}u)` : `own${i}`};
${repeatLines(vectors, (j) => `      sum${i}_${j} += a${i} * b${j};`)}`,
  );
  const step = (k: string) =>
    `${repeatLines(loads, (i) => `      let own${i} = ${loadLeft(i, k)};`)}
      let at = ${at(k)};
${
      repeatLines(vectors, (j) =>
        `      let b${j} = ${nameType(vector)}(${
          repeatList(vector, (e) =>
            roundToHalf(1, half, `right[at + column${j}_${e}]`))
        });`)
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
  const padding = (row: string) => fours ? `vec4<f32>(${writePadding(row)})` : writePadding(row);
  return `${
    repeatLines(loads, (i) =>
      `  let start${i} = startOf(${row(i)});${
        ones ? `\n  let rest${i} = ${padding(row(i))};` : ""
      }`)
  }
${
    repeatLines(vectors, (j) =>
      repeatLines(vector, (e) =>
        // A column that isn't there is computed like the last one, and not stored.
        `  let column${j}_${e} = min(${
          writeColumn(parameters, j, e)
        }, s.columns - 1) * s.rightColumn;`))
  }
  for (var segment = firstSegment; segment < endSegment; segment++) {
${repeatLines(loads, (i) => `    let line${i} = lineOf(start${i}, segment);`)}
${fours ? inFours : oneByOne}
  }`;
}
