import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { prepareRowMixer } from "../../../pipelines/images/_resample/mix_rows.ts";
import { buildWasm } from "../../_build_wasm.ts";
import { testUnless } from "../../_test_unless.ts";
import { resample } from "../../../pipelines/images/_resample/resample.ts";
import { getTaps } from "../../../pipelines/images/_resample/taps.ts";

Deno.test("prepareRowMixer() makes the same bytes as plain JavaScript does", () => {
  const length = fc.integer({ min: 1, max: 70 });
  const shape = fc.record({
    height: length,
    width: length,
    channels: fc.integer({ min: 1, max: 5 }),
    newHeight: length,
    newWidth: length,
    filter: fc.constantFrom("bilinear" as const, "bicubic" as const),
    onlyRows: fc.boolean(),
  });
  let columnsToo = 0;
  fc.assert(
    fc.property(shape, fc.infiniteStream(fc.integer({ min: -60, max: 315 })), (shape, bytes) => {
      const { height, channels, newHeight, newWidth, filter, onlyRows } = shape;
      const width = onlyRows ? newWidth : shape.width;
      const image = Uint8ClampedArray.from(bytes.take(height * width * channels));
      const data = new Uint8Array(image.buffer);
      const columns = onlyRows ? undefined : getTaps(filter, width, newWidth);
      const rows = getTaps(filter, height, newHeight);
      const rowLength = newWidth * channels;

      let wide = data;
      if (columns) {
        resample(data, height, channels, columns, wide = new Uint8Array(height * rowLength));
      }
      const expected = new Uint8Array(newHeight * rowLength);
      resample(wide, 1, rowLength, rows, expected);

      const mixer = prepareRowMixer(columns, rows, rowLength)!;
      if (mixer.image) {
        columnsToo++;
        mixer.image.set(data);
      } else mixer.rows.set(wide);
      mixer.mix();
      assertEquals(new Uint8Array(mixer.output), expected);
    }),
    { numRuns: 400 },
  );
  assert(columnsToo > 20);
});

Deno.test("prepareRowMixer() leaves very large images to others", () => {
  assertEquals(prepareRowMixer(undefined, getTaps("bilinear", 6000, 6001), 18_000), undefined);
});

const build = await buildWasm("build_mix_rows.ts");

testUnless(build.missing, "prepareRowMixer()'s module is what its source makes", async () => {
  assert(build.missing === undefined);
  const [[path, text = ""] = [""]] = Object.entries(build.files);
  const file = new URL(`../../../${path}`, import.meta.url);
  assertEquals(text, await Deno.readTextFile(file));
});
