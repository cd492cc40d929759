// What of tfjs's own kernels is known to be wrong: each is replaced, also where tfjs's are asked for.
import * as tf from "@tensorflow/tfjs-core";
import { assertEquals, assertNotEquals } from "@std/assert";
import { build, dropout, foldIn, openBackend, randomKey, toTensor } from "@rill/rill/models";
import { UPDATES } from "../../../models/kernels/definitions/_updates.ts";
import { updateOnHost } from "../../../models/kernels/host/_updates_on_host.ts";
import { describeAdamUpdate } from "./_updates.ts";
import { onCpu } from "../_cpu_backend.ts";
import { assertClose, getOrThrow, numbers } from "../_helpers.ts";
import { webgpuTest, withFastCompiler } from "../_webgpu.ts";

const random = (shape: number[], seed: number) =>
  tf.tensor(numbers(tf.util.sizeFromShape(shape), seed), shape, "float32");

const read = async (fn: () => tf.Tensor) => {
  const tensor = tf.tidy(fn);
  const data = Float32Array.from(await tensor.data());
  tensor.dispose();
  return data;
};

/** Registers a test for each backend and for either's kernels. */
function kernelsTest(
  name: string,
  fn: () => Promise<void>,
  sets: readonly ("rill" | "stock")[] = ["rill", "stock"],
) {
  for (const backendName of ["wasm", "webgpu"] as const) {
    for (const kernels of sets) {
      const test = async () => {
        const backend = await openBackend(backendName, { kernels });
        try {
          await fn();
          await backend.sync();
        } finally {
          await backend.close();
        }
      };
      const what = `${name}, on ${backendName} with ${kernels} kernels`;
      if (backendName === "wasm") Deno.test(what, test);
      else webgpuTest(what, test, ...kernels === "stock" ? [withFastCompiler] : []);
    }
  }
}

kernelsTest("a product with a long inner dimension and transposeB is right", async () => {
  for (
    const [rows, inner, columns] of [
      [13, 2000, 12],
      [5, 2304, 96],
      [40, 2052, 64],
      [8, 4096, 512],
    ] as const
  ) {
    for (const transposeA of [false, true]) {
      const product = () =>
        tf.matMul(
          random(transposeA ? [inner, rows] : [rows, inner], 1),
          random([columns, inner], 2),
          transposeA,
          true,
        );
      assertClose(
        await read(product),
        await onCpu(() => read(product)),
        1e-5,
        `${rows} x ${inner} x ${columns}, transposeA ${transposeA}`,
      );
    }
  }
});

kernelsTest("of equal maxima the first gets a window's gradient", async () => {
  const gradient = tf.grad((x) => tf.maxPool(x as tf.Tensor4D, 2, 2, "valid"));
  const image = [[1, 3, 5, 5], [3, 3, 5, 2], [0, 0, 7, 8], [0, 0, 8, 8]].flat();
  assertEquals(
    [
      ...await read(() =>
        gradient(tf.tensor(image, [1, 4, 4, 1]), tf.tensor([1, 2, 3, 4], [1, 2, 2, 1]))
      ),
    ],
    [[0, 1, 2, 0], [0, 0, 0, 0], [3, 0, 0, 4], [0, 0, 0, 0]].flat(),
  );
});

kernelsTest("integers that were cast to float32 are taken for what they are", async () => {
  const whole = () => tf.cast(tf.tensor([1, -2, 3, 4], [2, 2], "int32"), "float32");
  const expected = [-5, -10, 15, 10];
  assertEquals([...await read(() => tf.matMul(whole(), whole()))], expected);
  assertEquals([...await read(() => tf.matMul(whole(), whole(), true, true))], [-5, 15, -10, 10]);
  assertEquals([...await read(() => tf.sum(whole(), 0))], [4, 2]);
  assertEquals([
    ...await read(() => tf.maxPool(tf.reshape(whole(), [1, 2, 2, 1]) as tf.Tensor4D, 2, 2, 0)),
  ], [4]);
});

kernelsTest("an update of Adam is the one that a loop makes", async () => {
  const attrs = describeAdamUpdate({ stepSize: 0.01, scale: 1 / 0.03 });
  const [parameter, gradient, m] = [numbers(101, 1), numbers(101, 2), numbers(101, 3)];
  const v = numbers(101, 4).map(Math.abs);
  const inputs = {
    parameter0: tf.tensor1d(parameter.slice()),
    gradient0: tf.tensor1d(gradient.slice()),
    m0: tf.tensor1d(m.slice()),
    v0: tf.tensor1d(v.slice()),
  };
  const results = tf.engine().runKernel(
    UPDATES,
    inputs,
    attrs as unknown as tf.NamedAttrMap,
  ) as unknown as tf.Tensor[];
  updateOnHost(attrs, [parameter, m, v], gradient);
  assertEquals(results.length, 3);
  for (const [i, data] of [parameter, m, v].entries()) {
    assertClose(await results[i]!.data(), data, 1e-6, `result ${i}`);
  }
});

kernelsTest("every step has a dropout mask of its own", async () => {
  const network = getOrThrow(build(dropout(0.5), [256]));
  const mask = async (step: number) => {
    const ones = toTensor(new Float32Array(256).fill(1), [1, 256]);
    const key = foldIn(randomKey(7), step);
    const { output: dropped } = network.apply({ params: {}, buffers: {} }, ones, {
      training: true,
      key,
    });
    const data = [...await dropped.data()];
    for (const tensor of [ones, dropped]) tensor.dispose();
    return data;
  };
  const [first, second, again] = [await mask(0), await mask(1), await mask(0)];
  assertNotEquals(first, second);
  assertEquals(first, again);
});

kernelsTest(
  "a product with few columns and a long inner dimension is the same each time",
  async () => {
    // The last layer's at the chapter's batch size.
    const product = () => tf.matMul(random([128, 4096], 1), random([4096, 10], 2));
    const first = await read(product);
    for (let run = 0; run < 5; run++) assertEquals(await read(product), first);
  },
  ["rill"],
);
