import { conv2d } from "@rill/rill/models";
import { compareTest } from "../_float64.ts";
import { convolve } from "../ops/_reference.ts";
import { addBias, compareLayer } from "./_compare_layer.ts";
import { drawWindows } from "./_draw_windows.ts";

interface Kind {
  readonly dilated?: boolean;
  readonly grouped?: "groups" | "depthwise";
}

const KINDS: Readonly<Record<string, Kind>> = {
  "conv2d, the layer,": {},
  "conv2d, the layer, with dilation": { dilated: true },
  "conv2d, the layer, in groups": { grouped: "groups" },
  "conv2d, the layer, depthwise with dilation": { grouped: "depthwise", dilated: true },
};

for (const [name, { dilated = false, grouped }] of Object.entries(KINDS)) {
  compareTest({
    name,
    draw: (draws) => {
      const { size, windows, options } = drawWindows(draws, {
        rounded: "down",
        dilated,
        wide: true,
      });
      const groups = grouped ? draws.integer(2, 3) : 1;
      const depth = grouped === "depthwise" ? 1 : draws.integer(1, 3);
      const filters = groups * draws.integer(1, 2);
      const bias = draws.choose(true, false);
      const [height, width] = windows.window;
      return compareLayer(draws, {
        layer: conv2d({
          filters,
          kernelSize: height === width ? height : [height, width],
          ...options,
          groups,
          bias,
        }),
        x: draws.values([draws.integer(1, 2), ...size, groups * depth], -1, 2),
        refer: ({ x, weight, bias }) => addBias(convolve(x!, weight!, groups, windows), bias),
      });
    },
  });
}
