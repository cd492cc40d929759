// The gradients of products of matrices.
import { type KernelGradients, run } from "./differentiable.ts";
import { sumOverRows } from "./row_sums.ts";

/** The gradients of products of matrices. */
export const productGradients: KernelGradients = {
  BatchMatMul: {
    inputsToSave: ["a", "b"],
    gradFunc: (dy, [a, b], { transposeA, transposeB }) => {
      const multiply = (
        left: typeof dy,
        right: typeof dy,
        transposes: readonly [boolean, boolean],
      ) =>
        run("BatchMatMul", { a: left, b: right }, {
          transposeA: transposes[0],
          transposeB: transposes[1],
        });
      const [turnsA, turnsB] = [Boolean(transposeA), Boolean(transposeB)];
      return {
        a: () => turnsA ? multiply(b!, dy, [turnsB, true]) : multiply(dy, b!, [false, !turnsB]),
        // Of matrices a sum over rows.
        b: turnsA
          ? () => turnsB ? multiply(dy, a!, [true, true]) : multiply(a!, dy, [false, false])
          : sumOverRows("BatchMatMul", turnsB ? { a: dy, b: a! } : { a: a!, b: dy }, {
            transposeA: true,
            transposeB: false,
          }),
      };
    },
  },
};
