import { linear } from "@rill/rill/models";
import { compareTest } from "../_float64.ts";
import { map, multiplyMatrices } from "../ops/_reference.ts";
import { compareLayer } from "./_compare_layer.ts";

compareTest({
  name: "linear",
  draw: (draws) =>
    compareLayer(draws, {
      layer: linear(draws.integer(1, 9), { bias: draws.choose(true, false) }),
      x: draws.values([draws.integer(1, 5), draws.integer(1, 20)], -1, 2),
      refer: ({ x, weight, bias }) => {
        const product = multiplyMatrices(x!, weight!);
        return bias ? map((a, b) => a + b, product, bias) : product;
      },
    }),
});
