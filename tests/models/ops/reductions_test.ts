import type { Tensor } from "@rill/rill/models";
import * as ops from "@rill/rill/models/ops";
import { compareTest, type Draws } from "../_float64.ts";
import { mapLines, reduce } from "./_reference.ts";

const sum = (x: number[]) => x.reduce((a, b) => a + b, 0);
const mean = (x: number[]) => sum(x) / x.length;
const variance = (x: number[], correction = 0) =>
  sum(x.map((each) => (each - mean(x)) ** 2)) / (x.length - correction);
const logSumExp = (x: number[]) => Math.log(sum(x.map(Math.exp)));

type Reduce = (
  x: Tensor,
  options: { readonly axis?: number | readonly number[]; readonly keepDims?: boolean },
) => Tensor;

const REDUCTIONS: Readonly<Record<string, readonly [Reduce, (x: number[]) => number]>> = {
  sum: [ops.sum, sum],
  mean: [ops.mean, mean],
  max: [ops.max, (x) => Math.max(...x)],
  min: [ops.min, (x) => Math.min(...x)],
  variance: [ops.variance, (x) => variance(x)],
  logSumExp: [ops.logSumExp, logSumExp],
};

/** Draws some of the axes, also as negative ones, and whether they stay. */
function drawAxes(draws: Draws, rank: number) {
  const axes = Array.from({ length: rank }, (_, d) => d).filter(() => draws.integer(0, 1) === 1);
  const keepDims = draws.choose(true, false);
  const given = axes.map((axis) => draws.choose(axis, axis - rank));
  if (draws.integer(0, 4) === 0) {
    return { axes: Array.from({ length: rank }, (_, d) => d), options: { keepDims } };
  }
  const axis = given.length === 1 ? given[0]! : given;
  return { axes, options: { axis, keepDims } };
}

for (const [name, [compute, refer]] of Object.entries(REDUCTIONS)) {
  compareTest({
    name,
    draw: (draws) => {
      // Sums of these don't cancel.
      const x = draws.values(draws.shape(), -0.7, 2);
      const { axes, options } = drawAxes(draws, x.shape.length);
      return {
        inputs: { x },
        compute: ({ x }) => compute(x!, options),
        refer: ({ x }) => reduce(x!, axes, options.keepDims, refer),
        what: JSON.stringify(options),
      };
    },
  });
}

compareTest({
  name: "variance without bias",
  draw: (draws) => {
    const x = draws.values([draws.integer(2, 5), draws.integer(2, 9)]);
    const axis = draws.choose(0, 1);
    return {
      inputs: { x },
      compute: ({ x }) => ops.variance(x!, { axis, correction: 1 }),
      refer: ({ x }) => reduce(x!, [axis], false, (x) => variance(x, 1)),
    };
  },
});

for (
  const [name, compute, refer] of [
    ["argMax", ops.argMax, (x: number[]) => x.indexOf(Math.max(...x))],
    ["argMin", ops.argMin, (x: number[]) => x.indexOf(Math.min(...x))],
  ] as const
) {
  compareTest({
    name,
    differentiable: false,
    draw: (draws) => {
      const x = draws.values(draws.shape(draws.integer(1, 4)));
      const axis = draws.integer(0, x.shape.length - 1);
      const keepDims = draws.choose(true, false);
      return {
        inputs: { x },
        compute: ({ x }) => compute(x!, { axis, keepDims }),
        refer: ({ x }) => reduce(x!, [axis], keepDims, refer),
        what: `axis ${axis}`,
      };
    },
  });
}

for (
  const [name, compute, refer] of [
    ["softmax", ops.softmax, (x: number) => Math.exp(x)],
    ["logSoftmax", ops.logSoftmax, (x: number) => x],
  ] as const
) {
  compareTest({
    name,
    draw: (draws) => {
      const x = draws.values(draws.shape(draws.integer(1, 4)), -4, 4);
      const axis = draws.integer(0, x.shape.length - 1);
      return {
        inputs: { x },
        compute: ({ x }) => compute(x!, draws.choose(axis, axis - x!.shape.length)),
        refer: ({ x }) =>
          mapLines(x!, axis, (line) => {
            const total = logSumExp(line);
            return line.map((each) => refer(each - total));
          }),
        what: `axis ${axis}`,
      };
    },
  });
}
