import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  build,
  dropout,
  foldIn,
  type Key,
  randomKey,
  sequential,
  toTensor,
} from "@rill/rill/models";
import { onCpu } from "../_cpu_backend.ts";
import { assertClose, backendTest, getOrThrow, take } from "../_helpers.ts";

const NONE = { params: {}, buffers: {} };

/** Drops some of so many ones. */
async function drop(count: number, rate: number, key: Key, training = true): Promise<number[]> {
  const network = getOrThrow(build(dropout(rate), [count]));
  const input = toTensor(new Float32Array(count).fill(1), [1, count]);
  const { output } = network.apply(NONE, input, { training, key });
  if (output !== input) input.dispose();
  return await take(output);
}

backendTest("dropout's mask is a function of the key, the same everywhere", async () => {
  for (const [count, seed] of [[1, 0], [2, 1], [1001, 2], [4096, 2 ** 40 + 3]] as const) {
    const key = foldIn(randomKey(seed), 5);
    const mask = await drop(count, 0.3, key);
    assertEquals(mask, await onCpu(() => drop(count, 0.3, key)));
    assertEquals(mask, await drop(count, 0.3, key));
  }
  // The first of a seed are pinned: other masks are other runs.
  const kept = (await drop(16, 0.5, randomKey(0))).map((value) => value ? 1 : 0).join("");
  assertEquals(kept, "0101111110001110");
});

backendTest("a part of a batch gets the mask that it has in the whole", async () => {
  const key = randomKey(6);
  for (const features of [1, 3, 8]) {
    const network = getOrThrow(build(dropout(0.5), [features]));
    const apply = async (first: number, size: number) => {
      const input = toTensor(new Float32Array(size * features).fill(1), [size, features]);
      const { output } = network.apply(NONE, input, { training: true, key, first });
      input.dispose();
      return await take(output);
    };
    const whole = await apply(0, 21);
    const [a, b, c] = [await apply(0, 1), await apply(1, 12), await apply(13, 8)];
    assertEquals([...a, ...b, ...c], whole);
    assert(String(await apply(1, 20)) !== String(whole.slice(0, 20 * features)));
  }
});

backendTest("dropout drops the part that it says and scales the rest", async () => {
  for (const rate of [0.1, 0.5, 0.9]) {
    const values = await drop(100_001, rate, randomKey(9));
    const dropped = values.filter((value) => value === 0).length / values.length;
    assertClose([dropped], [rate], 5 * Math.sqrt(rate * (1 - rate) / values.length));
    const scaled = values.filter((value) => value !== 0);
    assertClose(scaled, scaled.map(() => 1 / (1 - rate)), 1e-6);
    // Neighbours are independent: both words of a block, and one block and the next.
    for (const distance of [1, 2]) {
      const both = values.filter((value, i) => value === 0 && values[i + distance] === 0).length;
      assertClose([both / values.length], [rate * rate], 0.01);
    }
  }
});

backendTest("dropout covers tensors of more elements than one row of workgroups", async () => {
  const count = 65535 * 64 + 1234;
  const values = await drop(count, 0.5, randomKey(3));
  const dropped = (part: number[]) => part.filter((value) => value === 0).length / part.length;
  assertClose([dropped(values), dropped(values.slice(-1234))], [0.5, 0.5], 0.1);
  assert(values.every((value) => value === 0 || value === 2));
});

Deno.test("dropout leaves alone what it should, on CPU", () =>
  onCpu(async () => {
    const ones = Array(100).fill(1);
    assertEquals(await drop(100, 0.5, randomKey(1), false), ones);
    assertEquals(await drop(100, 0, randomKey(1)), ones);
  }));

Deno.test("two dropout layers and two keys have masks of their own, on CPU", () =>
  onCpu(async () => {
    const one = await drop(200, 0.5, randomKey(1));
    assert(String(one) !== String(await drop(200, 0.5, randomKey(2))));
    // One mask twice would keep half, two masks a quarter.
    const network = getOrThrow(build(sequential([dropout(0.5), dropout(0.5)]), [2000]));
    const input = toTensor(new Float32Array(2000).fill(1), [1, 2000]);
    const { output } = network.apply(NONE, input, { training: true, key: randomKey(1) });
    input.dispose();
    const kept = (await take(output)).filter((value) => value !== 0).length / 2000;
    assertClose([kept], [0.25], 0.05);
  }));

Deno.test("dropout refuses rates outside [0, 1)", () => {
  for (const rate of [-0.1, 1, 1.5, NaN]) {
    assertThrows(
      () => dropout(rate),
      RangeError,
      `Cannot describe a dropout layer with rate ${rate}: it must be from 0 to less than 1`,
    );
  }
});
