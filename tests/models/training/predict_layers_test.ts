import { assertEquals, assertRejects } from "@std/assert";
import { build, lenet, predictLayers, predictStep, randomKey } from "@rill/rill/models";
import * as ops from "../../../models/ops/_ops.ts";
import { assertClose, backendTest, getOrThrow, randomBatch } from "../_helpers.ts";

backendTest(
  "predictLayers() gives what predictStep() gives, and the layers' outputs, and leaves nothing",
  async () => {
    const network = getOrThrow(build(lenet({ classes: 4, activation: "relu" }), [28, 28, 1]));
    const variables = network.init(randomKey(1));
    const batch = randomBatch(2, [28, 28, 1], 4);
    const before = ops.countTensors();
    const found = await predictLayers(network)(variables, batch);
    assertEquals(ops.countTensors(), before);
    const { data, shape } = await predictStep(network)(variables, batch);
    assertEquals(found.shape, shape);
    assertClose(found.data, data, 1e-5);
    assertEquals(found.input, {
      data: Float32Array.from(batch.images.data),
      shape: [2, 28, 28, 1],
    });
    assertEquals(found.layers.map(({ node }) => node), network.layers);
    assertEquals(
      found.layers.map(({ shape }) => shape),
      network.layers.map(({ outputShape }) => [2, ...outputShape]),
    );
    assertEquals(found.layers.at(-1)?.data, found.data);
    // What is behind a convolution is what ReLU makes of it.
    const [conv, relu] = found.layers;
    assertEquals(relu?.data, conv?.data.map((x) => Math.max(x, 0)));
    assertEquals(conv?.data.some((x) => x < 0), true);
    await assertRejects(
      () => predictLayers(network)(variables, { ...batch, size: 3 }),
      RangeError,
    );
    assertEquals(ops.countTensors(), before);
  },
);
