import { adaptiveAvgPool2d, avgPool2d, globalAvgPool2d, maxPool2d } from "@rill/rill/models";
import { compareTest, type Draws } from "../_float64.ts";
import { make, pool, reduce } from "../ops/_reference.ts";
import { compareLayer } from "./_compare_layer.ts";
import { drawWindows } from "./_draw_windows.ts";

const mean = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0) / numbers.length;

const drawImages = (draws: Draws, [height, width]: readonly number[]) =>
  // Sums of these don't cancel.
  draws.values([draws.integer(1, 2), height!, width!, draws.integer(1, 4)], -1, 2);

compareTest({
  name: "maxPool2d, the layer,",
  draw: (draws) => {
    const { size, windows, options } = drawWindows(draws, { rounded: "either" });
    return compareLayer(draws, {
      layer: maxPool2d({ poolSize: windows.window, ...options }),
      x: drawImages(draws, size),
      refer: ({ x }) => pool(x!, windows, (numbers) => Math.max(...numbers)),
    });
  },
});

for (const countPadding of [true, false]) {
  compareTest({
    name: `avgPool2d that ${countPadding ? "counts" : "doesn't count"} padding, the layer,`,
    draw: (draws) => {
      const { size, windows, options } = drawWindows(draws, { rounded: "either" });
      const { window, strides, padding } = windows;
      // How much of a window lies in the image or its padding: what is beyond in ceil mode never counts.
      const reach = (i: number, d: 0 | 1) => {
        const [before = 0, after = 0] = padding.slice(2 * d);
        const from = i * strides[d]! - before;
        return Math.min(from + window[d], size[d] + after) - from;
      };
      return compareLayer(draws, {
        layer: avgPool2d({
          poolSize: window,
          ...options,
          ...countPadding ? {} : { countPadding },
        }),
        x: drawImages(draws, size),
        refer: ({ x }) =>
          pool(x!, windows, (numbers, [i, j]) => {
            const area = reach(i!, 0) * reach(j!, 1);
            return mean(numbers) * (countPadding ? numbers.length / area : 1);
          }),
      });
    },
  });
}

compareTest({
  name: "adaptiveAvgPool2d",
  draw: (draws) => {
    // Fewer pixels than there were, as many, and more.
    const size = [draws.integer(1, 7), draws.integer(1, 7)] as const;
    const output = [draws.integer(1, 7), draws.integer(1, 7)] as const;
    return compareLayer(draws, {
      layer: adaptiveAvgPool2d(output),
      x: drawImages(draws, size),
      refer: ({ x }) => {
        const { shape: [batch, height, width, channels], data } = x!;
        return make([batch!, ...output, channels!], ([n, i, j, c]) => {
          const numbers: number[] = [];
          const end = (i: number, d: 0 | 1) => Math.ceil((i + 1) * size[d] / output[d]);
          for (let y = Math.floor(i! * height! / output[0]); y < end(i!, 0); y++) {
            for (let z = Math.floor(j! * width! / output[1]); z < end(j!, 1); z++) {
              numbers.push(data[((n! * height! + y) * width! + z) * channels! + c!]!);
            }
          }
          return mean(numbers);
        });
      },
    });
  },
});

compareTest({
  name: "globalAvgPool2d",
  draw: (draws) =>
    compareLayer(draws, {
      layer: globalAvgPool2d(),
      x: drawImages(draws, [draws.integer(1, 7), draws.integer(1, 7)]),
      refer: ({ x }) => reduce(x!, [1, 2], false, mean),
    }),
});
