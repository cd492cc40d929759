import { localResponseNorm } from "@rill/rill/models";
import { assertThrows } from "@std/assert";
import { type Array64, compareTest } from "../_float64.ts";
import { make } from "../ops/_reference.ts";
import { compareLayer } from "./_compare_layer.ts";

interface Settings {
  readonly size: number;
  readonly alpha: number;
  readonly beta: number;
  readonly k: number;
}

/** Computes PyTorch's formula: for an even size the window has one channel more before than after. */
function normalize(x: Array64, { size, alpha, beta, k }: Settings): Array64 {
  const channels = x.shape.at(-1)!;
  return make(x.shape, (place, i) => {
    const c = place.at(-1)!;
    let sum = 0;
    for (let j = c - Math.floor(size / 2); j < c + Math.ceil(size / 2); j++) {
      if (j >= 0 && j < channels) sum += x.data[i - c + j]! ** 2;
    }
    return x.data[i]! / (k + alpha / size * sum) ** beta;
  });
}

for (const [kind, sizes] of [["odd", [1, 3, 5]], ["even", [2, 4, 6]]] as const) {
  compareTest({
    name: `localResponseNorm of ${kind} sizes`,
    draw: (draws) => {
      const settings = {
        size: draws.choose(...sizes),
        // Large enough to matter.
        alpha: draws.choose(5e-4, 0.1, 1),
        beta: draws.choose(0.75, 0.5, 1.5),
        k: draws.choose(1, 2),
      };
      return compareLayer(draws, {
        layer: localResponseNorm(settings),
        x: draws.values([...draws.shape(draws.integer(1, 3)), draws.integer(1, 9)]),
        refer: ({ x }) => normalize(x!, settings),
      });
    },
  });
}

Deno.test("localResponseNorm refuses settings out of range", () => {
  assertThrows(
    () => localResponseNorm({ size: 0 }),
    RangeError,
    "Cannot describe local response normalization with size 0: it must be an integer of at least 1",
  );
  for (const name of ["alpha", "beta", "k"]) {
    assertThrows(
      () => localResponseNorm({ size: 5, [name]: Infinity }),
      RangeError,
      `Cannot describe local response normalization with ${name} Infinity: it must be finite`,
    );
  }
});
