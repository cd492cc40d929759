import { gelu, type Layer, leakyRelu, relu, relu6, sigmoid, silu, tanh } from "@rill/rill/models";
import { compareTest } from "../_float64.ts";
import { erf, map } from "../ops/_reference.ts";
import { compareLayer } from "./_compare_layer.ts";

/** A layer, its reference, and the largest number at which it is tried. */
const ACTIVATIONS: Readonly<Record<string, readonly [Layer, (x: number) => number, number?]>> = {
  "relu()": [relu(), (x) => Math.max(x, 0)],
  "relu6()": [relu6(), (x) => Math.min(Math.max(x, 0), 6), 12],
  "leakyRelu()": [leakyRelu(), (x) => x > 0 ? x : 0.01 * x],
  "leakyRelu(-0.5)": [leakyRelu(-0.5), (x) => x > 0 ? x : -0.5 * x],
  "sigmoid()": [sigmoid(), (x) => 1 / (1 + Math.exp(-x)), 8],
  "tanh()": [tanh(), Math.tanh, 2],
  "silu()": [silu(), (x) => x / (1 + Math.exp(-x)), 8],
  "gelu()": [gelu(), (x) => x / 2 * (1 + erf(x / Math.SQRT2)), 5],
  "gelu by tanh": [
    gelu({ approximate: "tanh" }),
    (x) => x / 2 * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))),
    5,
  ],
};

for (const [name, [layer, refer, most = 2]] of Object.entries(ACTIVATIONS)) {
  compareTest({
    name,
    draw: (draws) =>
      compareLayer(draws, {
        layer,
        x: draws.values(draws.shape(draws.integer(2, 4)), -most, most),
        refer: ({ x }) => map(refer, x!),
      }),
  });
}
