import { type EpilogueKind, writeFinished } from "./_epilogue.ts";
import type { GemmParameters } from "./_gemm_parameters.ts";
import type { GemmLayout, GemmWidth } from "./_gemm_settings.ts";
import { pickComponent, repeatLines, writeColumn } from "./_gemm_text.ts";

/** The numbers of a block for which an epilogue is written out at most: 512 of them take seconds to compile. */
const MOST_WRITTEN_OUT = 64;

/** Tells whether a program has an epilogue written out for each number. Otherwise it is a loop. */
export function isWrittenOut({ block }: GemmParameters): boolean {
  return block[0] * block[1] <= MOST_WRITTEN_OUT;
}

/** Writes how a thread's sums are stored. */
export function writeStores(
  parameters: GemmParameters,
  layout: GemmLayout,
  width: GemmWidth,
  epilogue: EpilogueKind,
): string {
  const { threads, block, vector } = parameters;
  const vectors = block[1] / vector;
  const scales = epilogue === "scale" || epilogue === "ones";
  const written = scales || isWrittenOut(parameters);
  const columns = (text: (j: number, e: number) => string) =>
    repeatLines(vectors, (j) =>
      repeatLines(vector, (e) =>
        `    {
      let column = ${writeColumn(parameters, j, e)};
      if (column < s.columns) { ${text(j, e)} }
    }`));
  const sum = (i: number, j: number, e: number) => `sum${i}_${j}${pickComponent(vector, e)}`;
  const store = (i: number) =>
    columns((j, e) =>
      `let at = start + column; let sum = ${sum(i, j, e)}; result[at] = ${
        written ? writeFinished(epilogue) : epilogue === "any" ? "sum * s.scale" : "sum"
      };`
    );
  const storeFours = (i: number) =>
    repeatLines(vectors, (j) =>
      `    {
      let column = ${writeColumn(parameters, j, 0)};
      if (column < s.columns) { result[(start + column) / 4] = sum${i}_${j}; }
    }`);
  // A group of rows lies in a line of the result: finding it takes divisions, which are slow where each lane's is one of its own.
  const group = width.left && layout.left === "rows" ? 4 : 1;
  return `${
    repeatLines(block[0] / group, (g) =>
      `  if (firstRow + ${g * group} < s.rows) {
    let first = resultBase + rowOfResult(firstRow + ${g * group});
${
        repeatLines(group, (i) =>
          `    {
    let start = first${i > 0 ? ` + ${i} * s.resultPixel` : ""};
${width.result ? storeFours(g * group + i) : store(g * group + i)}
    }`)
      }
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
    written || writeFinished(epilogue) === "sum"
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
        result[at] = ${writeFinished(epilogue)};
      }
    }
  }`
  }`;
}
