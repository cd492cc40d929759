import * as ops from "@rill/rill/models/ops";
import { type Array64, compareTest, type Draws } from "../_float64.ts";
import { convolve, multiplyMatrices, permute, pool, type Windows } from "./_reference.ts";

const swap = (x: Array64) => {
  const rank = x.shape.length;
  return permute(x, [...Array(rank - 2).keys(), rank - 1, rank - 2]);
};

for (const kind of ["", " with broadcast stacks"]) {
  compareTest({
    name: `matMul${kind}`,
    draw: (draws) => {
      const [rows, inner, columns] = [1, 2, 3].map(() => draws.integer(1, 6));
      const outer = Array.from({ length: draws.integer(0, 2) }, () => draws.integer(1, 3));
      const own = () =>
        kind === "" ? outer : outer.map((length) => draws.choose(1, length, length))
          .slice(draws.integer(0, outer.length));
      const [transposeA, transposeB] = [draws.choose(true, false), draws.choose(true, false)];
      const matrix = (a: number, b: number, transposed: boolean) =>
        draws.values([...own(), ...transposed ? [b, a] : [a, b]], -1, 2);
      return {
        inputs: {
          a: matrix(rows!, inner!, transposeA),
          b: matrix(inner!, columns!, transposeB),
        },
        compute: ({ a, b }) => ops.matMul(a!, b!, { transposeA, transposeB }),
        refer: ({ a, b }) =>
          multiplyMatrices(transposeA ? swap(a!) : a!, transposeB ? swap(b!) : b!),
        what: `${transposeA} ${transposeB}`,
      };
    },
  });
}

/** Draws padding as it can be said, and by sides. */
function drawPadding(
  draws: Draws,
  most: readonly [number, number],
): { readonly padding: ops.Padding; readonly sides: readonly number[] } {
  const side = () => draws.integer(0, Math.min(...most));
  const [down, across] = most.map((length) => draws.integer(0, length)) as [number, number];
  return draws.choose<() => { padding: ops.Padding; sides: number[] }>(
    () => ({ padding: "valid", sides: [0, 0, 0, 0] }),
    () => {
      const padding = side();
      return { padding, sides: [padding, padding, padding, padding] };
    },
    () => ({ padding: [down, across], sides: [down, down, across, across] }),
    () => {
      const padding = [down, side(), across, side()] as const;
      return { padding, sides: [...padding] };
    },
  )();
}

const KINDS: Readonly<Record<string, { dilated?: boolean; grouped?: "groups" | "depthwise" }>> = {
  conv2d: {},
  "conv2d with dilation": { dilated: true },
  "conv2d in groups": { grouped: "groups" },
  "conv2d in groups with dilation": { grouped: "groups", dilated: true },
  "depthwise conv2d": { grouped: "depthwise" },
  "depthwise conv2d with dilation": { grouped: "depthwise", dilated: true },
};

for (const [name, { dilated = false, grouped }] of Object.entries(KINDS)) {
  compareTest({
    name,
    draw: (draws) => {
      const pair = (most: number) => [draws.integer(1, most), draws.integer(1, most)] as const;
      const kernel = pair(3);
      const dilation = dilated ? pair(3) : [1, 1] as const;
      const strides = draws.choose(true, false) ? [1, 1] as const : pair(3);
      const window = kernel.map((k, d) => (k - 1) * dilation[d]! + 1);
      const { padding, sides } = drawPadding(draws, [2, 2]);
      const size = window.map((length) => length + draws.integer(0, 4));
      const groups = grouped ? draws.integer(2, 3) : 1;
      const depth = grouped === "depthwise" ? 1 : draws.integer(1, 3);
      const filters = groups * draws.integer(1, 3);
      const output = size.map((length, d) =>
        Math.floor((length + sides[2 * d]! + sides[2 * d + 1]! - window[d]!) / strides[d]!) + 1
      );
      const windows: Windows = { window: kernel, strides, dilation, padding: sides, output };
      const withBias = draws.choose(true, false);
      return {
        inputs: {
          x: draws.values([draws.integer(1, 2), ...size, groups * depth], -1, 2),
          filter: draws.values([...kernel, depth, filters], -1, 2),
          ...withBias && { bias: draws.values([filters]) },
        },
        compute: ({ x, filter, bias }) =>
          ops.conv2d(x!, filter!, { strides, padding, dilation, groups, ...bias && { bias } }),
        refer: ({ x, filter, bias }) => {
          const y = convolve(x!, filter!, groups, windows);
          if (bias) y.data.forEach((_, i) => y.data[i]! += bias.data[i % filters]!);
          return y;
        },
        what: `strides ${strides}, padding ${padding}, dilation ${dilation}, groups ${groups}`,
      };
    },
  });
}

compareTest({
  name: 'conv2d with padding "same"',
  draw: (draws) => {
    const [k, stride] = [draws.integer(1, 4), draws.integer(1, 3)];
    const size = [draws.integer(1, 6), draws.integer(1, 6)];
    const output = size.map((length) => Math.ceil(length / stride));
    const sides = size.flatMap((length, d) => {
      const all = Math.max((output[d]! - 1) * stride + k - length, 0);
      return [Math.floor(all / 2), Math.ceil(all / 2)];
    });
    const windows = {
      window: [k, k],
      strides: [stride, stride],
      dilation: [1, 1],
      padding: sides,
      output,
    };
    return {
      inputs: {
        x: draws.values([1, ...size, 2], -1, 2),
        filter: draws.values([k, k, 2, 2], -1, 2),
      },
      compute: ({ x, filter }) => ops.conv2d(x!, filter!, { padding: "same", strides: stride }),
      refer: ({ x, filter }) => convolve(x!, filter!, 1, windows),
      what: `stride ${stride}`,
    };
  },
});

/** Draws a pool with PyTorch's sizes. */
function drawPool(draws: Draws) {
  const window = [draws.integer(1, 4), draws.integer(1, 4)] as const;
  const strides = [draws.integer(1, 3), draws.integer(1, 3)] as const;
  const { padding, sides } = drawPadding(draws, [window[0] >> 1, window[1] >> 1]);
  const size = window.map((length) => length + draws.integer(0, 5));
  const ceilMode = draws.choose(true, false);
  const output = size.map((length, d) => {
    const [before = 0, after = 0] = sides.slice(2 * d);
    const rest = length + before + after - window[d]!;
    let windows = (ceilMode ? Math.ceil : Math.floor)(rest / strides[d]!) + 1;
    if (ceilMode && (windows - 1) * strides[d]! >= length + before) windows--;
    return windows;
  });
  return {
    x: draws.values([draws.integer(1, 2), ...size, draws.integer(1, 5)]),
    window,
    windows: { window, strides, dilation: [1, 1], padding: sides, output },
    options: { strides, padding, ceilMode },
    what: `${window} by ${strides}, padding ${padding}${ceilMode ? ", ceil" : ""}`,
  };
}

compareTest({
  name: "maxPool2d",
  draw: (draws) => {
    const { x, window, windows, options, what } = drawPool(draws);
    return {
      inputs: { x },
      compute: ({ x }) => ops.maxPool2d(x!, window, options),
      refer: ({ x }) => pool(x!, windows, (numbers) => Math.max(...numbers)),
      what,
    };
  },
});

for (const countPadding of [true, false]) {
  compareTest({
    name: countPadding ? "avgPool2d" : "avgPool2d that doesn't count padding",
    draw: (draws) => {
      const { x, window, windows, options, what } = drawPool(draws);
      const [, height, width] = x.shape;
      const { strides, padding: [top, bottom, left, right] } = windows;
      // As far as the padding goes: what a last window has beyond is not counted.
      const reach = (i: number, d: number, length: number, before: number, after: number) =>
        Math.min(i * strides[d]! - before + window[d]!, length + after) -
        (i * strides[d]! - before);
      return {
        inputs: { x },
        compute: ({ x }) =>
          ops.avgPool2d(x!, window, { ...options, ...countPadding ? {} : { countPadding } }),
        refer: ({ x }) =>
          pool(
            x!,
            windows,
            (numbers, [i, j]) =>
              numbers.reduce((a, b) => a + b, 0) / (countPadding
                ? reach(i!, 0, height!, top!, bottom!) * reach(j!, 1, width!, left!, right!)
                : numbers.length),
          ),
        what,
      };
    },
  });
}
