import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { collect, drain, type Example, normalize, StageError, toFloat } from "@rill/rill/pipelines";
import { type Floats, places, results } from "./_augment.ts";
import { getOnly } from "../_get_only.ts";
import { counting, range, testStage, tiny } from "../_helpers.ts";
import { readReferences } from "../_references.ts";

testStage<Example, Example<Floats>>({
  name: "toFloat()",
  stage: toFloat(),
  input: range(4).map(tiny),
  output: range(4).map((label) => ({
    image: { data: Float32Array.of(label / 255), height: 1, width: 1, channels: 1 },
    label,
  })),
  pulled: (given) => given,
});

for (const { function: fn, input, check } of await readReferences("colors")) {
  if (fn !== "toFloat") continue;
  Deno.test("toFloat() gives every byte the float that torchvision gives it", async () => {
    const image = getOnly(await results(toFloat(), input, 1));
    assertEquals({ ...image, data: 0 }, { ...input, data: 0 });
    check(image);
    assertEquals(await results(normalize(), input, 1), [image]);
  });
}

Deno.test("toFloat() gives an example of floats as it is", async () => {
  const example = { image: places(2, 2), label: 1 };
  assertStrictEquals((await collect(toFloat()(counting([example]))))[0], example);
});

Deno.test("toFloat() names the image that it cannot convert and closes its source", async () => {
  const source = counting([tiny(0), { image: { ...tiny(1).image, width: 2 }, label: 1 }, tiny(2)]);
  const error = await assertRejects(
    () => drain(toFloat()(source)),
    StageError,
    "Cannot convert item 1: the image is 1 × 2 × 1 uint8 and has 1 samples",
  );
  assertEquals([error.stage, error.position, source.closed], ["convert", 1, 1]);
});
