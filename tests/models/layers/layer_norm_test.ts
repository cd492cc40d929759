import { build, importParams, layerNorm } from "@rill/rill/models";
import { assertEquals, assertThrows } from "@std/assert";
import { type Array64, compareTest } from "../_float64.ts";
import { getOrThrow, withBackend } from "../_helpers.ts";
import { compareLayer } from "./_compare_layer.ts";

/** Normalizes each run of so many numbers, and scales and shifts it. */
function normalizeRuns(
  { shape, data }: Array64,
  length: number,
  epsilon: number,
  { weight, bias }: Readonly<Record<string, Array64>>,
): Array64 {
  const y = data.slice();
  for (let first = 0; first < data.length; first += length) {
    const run = data.subarray(first, first + length);
    const mean = run.reduce((sum, x) => sum + x, 0) / length;
    const variance = run.reduce((sum, x) => sum + (x - mean) ** 2, 0) / length;
    run.forEach((x, i) => {
      const normal = (x - mean) / Math.sqrt(variance + epsilon);
      y[first + i] = normal * (weight?.data[i] ?? 1) + (bias?.data[i] ?? 0);
    });
  }
  return { shape, data: y };
}

for (const dimensions of [1, 2, 3]) {
  compareTest({
    name: `layerNorm over ${dimensions} dimensions`,
    draw: (draws) => {
      const epsilon = draws.choose(1e-5, 1e-2);
      const affine = draws.choose(true, false);
      const outer = Array.from({ length: draws.integer(1, 2) }, () => draws.integer(1, 3));
      // Of two numbers the gradient is all rounding.
      const memory = Array.from({ length: dimensions }, () => draws.integer(1, 3));
      memory[draws.integer(0, dimensions - 1)] = draws.integer(4, 6);
      const length = memory.reduce((a, b) => a * b);
      return compareLayer(draws, {
        layer: layerNorm({ ...dimensions > 1 ? { dimensions } : {}, epsilon, affine }),
        x: draws.values([...outer, ...memory]),
        refer: ({ x, ...own }) => normalizeRuns(x!, length, epsilon, own),
      });
    },
  });
}

Deno.test("layerNorm of a whole image stores its parameters as C-H-W", async () => {
  const network = getOrThrow(build(layerNorm({ dimensions: 3 }), [2, 3, 4]));
  assertEquals(network.parameters.map(({ name, shape }) => [name, shape]), [
    ["weight", [4, 2, 3]],
    ["bias", [4, 2, 3]],
  ]);
  await withBackend("wasm", async () => {
    const stored = { shape: [4, 2, 3], data: Float32Array.from({ length: 24 }, (_, i) => i) };
    const { params } = getOrThrow(importParams(network, { weight: stored, bias: stored }));
    assertEquals(params.weight!.shape, [2, 3, 4]);
    // The first pixel has the first number of each channel.
    assertEquals([...(await params.weight!.data()).slice(0, 4)], [0, 6, 12, 18]);
  });
});

Deno.test("layerNorm refuses settings out of range, and shapes with too few dimensions", () => {
  for (const dimensions of [0, 1.5, NaN]) {
    assertThrows(
      () => layerNorm({ dimensions }),
      RangeError,
      `Cannot describe layer normalization with dimensions ${dimensions}: it must be an integer of at least 1`,
    );
  }
  assertThrows(
    () => layerNorm({ epsilon: -1 }),
    RangeError,
    "Cannot describe layer normalization with epsilon -1: it must be at least 0 and finite",
  );
  const built = build(layerNorm({ dimensions: 3 }), [4]);
  assertEquals(built._tag === "Left" && built.left.needed, "at least 3 dimensions");
});
