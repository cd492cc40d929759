import {
  conv2d,
  dropout,
  foldIn,
  type Layer,
  leakyRelu,
  linear,
  relu,
  sequential,
} from "@rill/rill/models";
import { dropOnHost } from "../../../models/kernels/host/_host_kernels.ts";
import { type Array64, type Case, compareTest } from "../_float64.ts";
import { convolve, map, multiplyMatrices } from "../ops/_reference.ts";
import { addBias, compareLayer, KEY } from "./_compare_layer.ts";
import { drawWindows } from "./_draw_windows.ts";

const RATE = 0.5;

/** Drops what a dropout layer does, alone or as the child of a sequence at a place. */
function drop({ shape, data }: Array64, place?: number): Array64 {
  const [key0, key1] = place === undefined ? KEY : foldIn(KEY, place);
  const mask = new Float32Array(data.length);
  dropOnHost(mask.slice().fill(1), mask, { rate: RATE, key0, key1, offset: 0 });
  return { shape, data: data.map((x, i) => x * mask[i]!) };
}

const rectify = (x: Array64) => map((x) => Math.max(x, 0), x);

// What can share a program with a product, and what can't though it looks alike.
const TAILS: Readonly<Record<string, readonly [Layer[], (product: Array64) => Array64]>> = {
  "without a tail": [[], (x) => x],
  "with relu": [[relu()], rectify],
  "with relu and dropout": [[relu(), dropout(RATE)], (x) => drop(rectify(x), 2)],
  "with dropout": [[dropout(RATE)], (x) => drop(x, 1)],
  "with dropout and relu": [[dropout(RATE), relu()], (x) => rectify(drop(x, 1))],
  "with relu, dropout and dropout": [
    [relu(), dropout(RATE), dropout(RATE)],
    (x) => drop(drop(rectify(x), 2), 3),
  ],
  "with leakyRelu and dropout": [
    [leakyRelu(0.1), dropout(RATE)],
    (x) => drop(map((x) => x > 0 ? x : 0.1 * x, x), 2),
  ],
};

/** Draws until no rectifier is at its corner, where the rounding of a product decides. */
function drawAway(draw: () => Case, product: (inputs: Case["inputs"]) => Array64): Case {
  for (;;) {
    const drawn = draw();
    if (product(drawn.inputs).data.every((x) => Math.abs(x) > 1e-3)) return drawn;
  }
}

for (const [name, [tail, refer]] of Object.entries(TAILS)) {
  compareTest({
    name: `a convolution ${name}`,
    draw: (draws) => {
      const { size, windows, options } = drawWindows(draws, { rounded: "down" });
      const product = ({ x, "0.weight": weight, "0.bias": bias }: Case["inputs"]) =>
        addBias(convolve(x!, weight!, 1, windows), bias);
      const bias = draws.choose(true, true, false);
      const convolution = conv2d({
        filters: draws.integer(1, 3),
        kernelSize: windows.window,
        ...options,
        bias,
      });
      return drawAway(() =>
        compareLayer(draws, {
          layer: sequential([convolution, ...tail]),
          x: draws.values([draws.integer(1, 2), ...size, draws.integer(1, 3)], -1, 2),
          refer: (inputs) => refer(product(inputs)),
        }), product);
    },
  });
  compareTest({
    name: `a linear layer ${name}`,
    draw: (draws) => {
      const product = ({ x, "0.weight": weight, "0.bias": bias }: Case["inputs"]) =>
        addBias(multiplyMatrices(x!, weight!), bias);
      const dense = linear(draws.integer(1, 7), { bias: draws.choose(true, true, false) });
      return drawAway(() =>
        compareLayer(draws, {
          layer: sequential([dense, ...tail]),
          x: draws.values([draws.integer(1, 4), draws.integer(1, 9)], -1, 2),
          refer: (inputs) => refer(product(inputs)),
        }), product);
    },
  });
}

compareTest({
  name: "dropout",
  draw: (draws) =>
    compareLayer(draws, {
      layer: dropout(RATE),
      x: draws.values(draws.shape(draws.integer(2, 4))),
      refer: ({ x }) => drop(x!),
    }),
});
