import { type EpilogueKind, finished } from "./_epilogue.ts";
import type { GemmParameters } from "./_gemm_parameters.ts";
import { column, component, each } from "./_gemm_text.ts";

/** Numbers of a block for which an epilogue is written out: for 512 of them that takes seconds to compile. */
const MOST_WRITTEN_OUT = 64;

/** Whether a program has an epilogue written out for each number. Otherwise it is a loop. */
export function writesOut({ block }: GemmParameters): boolean {
  return block[0] * block[1] <= MOST_WRITTEN_OUT;
}

/** What stores a thread's sums. */
export function stores(parameters: GemmParameters, epilogue: EpilogueKind): string {
  const { threads, block, vector } = parameters;
  const vectors = block[1] / vector;
  const scales = epilogue === "scale" || epilogue === "ones";
  const written = scales || writesOut(parameters);
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
        written ? finished(epilogue) : epilogue === "any" ? "sum * s.scale" : "sum"
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
${
        epilogue === "any"
          ? "  if (s.mode == 0) { return; }\n"
          : ""
      }  for (var row = firstRow; row < min(firstRow + ${block[0]}, s.rows); row++) {
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
