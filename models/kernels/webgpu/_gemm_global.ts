import type { GemmParameters } from "./_gemm_parameters.ts";
import { column, each, list, rest, type } from "./_gemm_text.ts";

/** Each thread loads what it needs; with subgroups, each loads one row of eight. */
export function globalBody(parameters: GemmParameters, subgroup: boolean, ones: boolean): string {
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
