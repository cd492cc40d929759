import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs-core";
import * as models from "@rill/rill/models";
import { matMul } from "@rill/rill/models/ops";
import * as host from "../../../models/kernels/wasm/_host_memory.ts";
import * as ops from "../../../models/ops/_ops.ts";
import { markPartial, selectPartial, together } from "../../../models/parallel/_partial_params.ts";
import { getOrThrow, withBackend } from "../_helpers.ts";

const network = getOrThrow(models.build(models.linear(3, { bias: false }), [8]));

/** One of two ranks, of which the other one has nothing but nines. */
const communicator: models.Communicator = {
  rank: 0,
  size: 2,
  allGather: (_, taken) => taken[1]!.forEach((numbers) => numbers.fill(9)),
  exchange() {},
  abort() {},
};

const create = () => {
  const weight = models.toTensor(Float32Array.from({ length: 24 }, (_, i) => i), [8, 3]);
  markPartial(network, { weight }, communicator);
  return weight;
};

Deno.test("whoever wants a parameter whole of which ranks have parts is refused, or it is gathered", () =>
  withBackend("wasm", async () => {
    const buffers = () => (tf.engine().backend as unknown as { numDataIds(): number }).numDataIds();
    const before = [buffers(), ops.countTensors()];
    const weight = create();
    const x = models.toTensor(new Float32Array(8).fill(1), [1, 8]);
    const isPartial = () => selectPartial(network, { weight }).parameters.length > 0;
    const reason = "other ranks have parts of weight";
    // By the numbers, by our kernels, by tfjs's, and to be saved.
    assertThrows(() => ops.viewNumbers(weight), Error, reason);
    assertThrows(() => matMul(x, weight), Error, reason);
    assertThrows(() => tf.tan(weight as unknown as tf.Tensor), Error, reason);
    await assertRejects(() => weight.data(), Error, reason);
    await assertRejects(
      () => models.exportParams(network, { params: { weight }, buffers: {} }),
      Error,
      reason,
    );
    // Who looks at what is there isn't.
    const own = host.withParts(
      weight as unknown as tf.Tensor,
      () => [...ops.viewNumbers(weight).subarray(0, 12)],
    );
    assertEquals(own, Array.from({ length: 12 }, (_, i) => i));
    assertEquals(isPartial(), true);
    // Neither is who shares the tensor or releases it.
    const same = ops.share(weight);
    same.dispose();
    assertEquals(isPartial(), true);
    const y = together(() => matMul(x, weight));
    assertEquals([...await y.data()], [18 + 36, 22 + 36, 26 + 36]);
    assertEquals([...await weight.data()].slice(12), new Array(12).fill(9));
    assertEquals(isPartial(), false);
    for (const tensor of [create(), weight, x, y]) tensor.dispose();
    assertEquals([buffers(), ops.countTensors()], before);
  }));
