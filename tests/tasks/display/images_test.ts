import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import {
  displayBatch,
  displayImage,
  displayImages,
  displayPredictions,
  jupyterDisplay,
} from "@rill/rill/display";
import type { Image } from "@rill/rill/pipelines";
import { decodeImageBytes } from "@rill/rill/pipelines/decode-image";
import { assertWellFormed } from "./_markup.ts";

const gray = (data: Image["data"], width = data.length): Image => ({
  data,
  height: data.length / width,
  width,
  channels: 1,
});

/** Decodes the pictures in a drawing. */
const decodeAll = (svg = ""): Promise<Image[]> =>
  Promise.all(
    [...svg.matchAll(/base64,([^"]+)"/g)].map(([, base64 = ""]) =>
      decodeImageBytes(Uint8Array.fromBase64(base64))
    ),
  );

Deno.test("displayImages() draws the images with their pixels and captions", async () => {
  const color = { data: Uint8Array.of(1, 2, 3, 4, 5, 6), height: 2, width: 1, channels: 3 };
  const images = [gray(Uint8Array.of(7, 8, 9)), color];
  const formats = await displayImages(images, { captions: ['a <b> & "c"', "two\nlines"] })[
    jupyterDisplay
  ]();
  const svg = formats["image/svg+xml"] ?? "";
  assertWellFormed(svg);
  assertEquals(await decodeAll(svg), images);
  assertStringIncludes(svg, "<title>a &lt;b&gt; &amp; &quot;c&quot;</title>");
  assertEquals([...svg.matchAll(/<text /g)].length, 3);
  assertEquals(formats["text/plain"], '2 images: a <b> & "c", two, lines');
});

Deno.test("displayImages() stretches floats over all images, and leaves bytes as they are", async () => {
  const images = [
    gray(Float32Array.of(-1, 0, NaN)),
    gray(Float32Array.of(1, Infinity, -Infinity)),
    gray(Uint8Array.of(3, 4, 5)),
  ];
  const svg = (await displayImages(images)[jupyterDisplay]())["image/svg+xml"];
  const samples = (await decodeAll(svg)).map(({ data }) => [...data]);
  assertEquals(samples, [[0, 128, 0], [255, 255, 0], [3, 4, 5]]);
  const inRange = await displayImages(images.slice(0, 2), { range: [0, 2] })[jupyterDisplay]();
  const clipped = (await decodeAll(inRange["image/svg+xml"])).map(({ data }) => [...data]);
  assertEquals(clipped, [[0, 0, 0], [128, 255, 0]]);
});

Deno.test("displayImages() shows an image of one value, and none at all", async () => {
  const flat = await displayImages([gray(new Float32Array(4).fill(3), 2)])[jupyterDisplay]();
  assertEquals((await decodeAll(flat["image/svg+xml"])).map(({ data }) => [...data]), [
    [0, 0, 0, 0],
  ]);
  const none = await displayImages([])[jupyterDisplay]();
  assertEquals(none["text/plain"], "0 images");
  assertWellFormed(none["image/svg+xml"] ?? "");
});

Deno.test("displayImage() repeats pixels, so that small images are seen", async () => {
  const image = gray(Uint8Array.of(10, 20, 30, 40), 2);
  const formats = await displayImage(image, { scale: 2 })[jupyterDisplay]();
  const { data, height, width } = await decodeImageBytes(
    Uint8Array.fromBase64(formats["image/png"] ?? ""),
  );
  assertEquals([height, width], [4, 4]);
  assertEquals([...data.subarray(4)], [10, 10, 20, 20, 30, 30, 40, 40, 30, 30, 40, 40]);
  const small = await displayImage(image)[jupyterDisplay]();
  assertEquals(
    (await decodeImageBytes(Uint8Array.fromBase64(small["image/png"] ?? ""))).width,
    256,
  );
});

const batch = {
  images: { data: new Uint8Array(5 * 4), shape: [5, 2, 2, 1] },
  labels: Int32Array.of(0, 1, 2, 0, 1),
  size: 5,
};

Deno.test("displayBatch() names classes, and shows no more than it may", async () => {
  const display = displayBatch(batch, { classes: ["boot", "coat"], limit: 3, columns: 2 });
  const formats = await display[jupyterDisplay]();
  assertEquals(formats["text/plain"], "3 of 5 images of 2 × 2 × 1: boot, coat, 2");
  assertEquals((await decodeAll(formats["image/svg+xml"])).length, 3);
});

Deno.test("displayPredictions() marks what is wrong in words and in color", async () => {
  const logits = { data: Float32Array.of(9, 0, 0, 9, 9, 0, 0, 9, 0, 9), shape: [5, 2] };
  const display = displayPredictions(batch, logits, { classes: ["boot", "coat"] });
  const formats = await display[jupyterDisplay]();
  assertEquals(
    formats["text/plain"],
    "5 images of 2 × 2 × 1: boot 100 %, coat 100 %, boot 100 %, not 2, coat 100 %, not boot, coat 100 %",
  );
  const wrong = [...(formats["image/svg+xml"] ?? "").matchAll(/fill="#a8071a"[^>]*>([^<]*)/g)];
  assertEquals(wrong.map(([, text]) => text), ["boot 100 %", "not 2", "coat 100 %", "not boot"]);
});

Deno.test("displayPredictions() shows mistakes only, the surest first", async () => {
  const logits = { data: Float32Array.of(9, 0, 0, 9, 1, 0, 0, 9, 0, 9), shape: [5, 2] };
  const display = displayPredictions(batch, logits, { mistakesOnly: true });
  const formats = await display[jupyterDisplay]();
  assertEquals(formats["text/plain"], "2 images of 2 × 2 × 1: 1 100 %, not 0, 0 73 %, not 2");
});

Deno.test("displayPredictions() takes logits of any size for what they are", async () => {
  const one = { images: { data: new Uint8Array(1), shape: [1, 1, 1, 1] }, size: 1 };
  const logits = { data: Float32Array.of(-1e30, 1e30, 0), shape: [1, 3] };
  const formats = await displayPredictions(one, logits)[jupyterDisplay]();
  assertEquals(formats["text/plain"], "1 image of 1 × 1 × 1: 1 100 %");
});

Deno.test("images that can't be displayed are refused in one line", () => {
  const image = gray(Uint8Array.of(1));
  const refuse = (run: () => unknown, message: string) => assertThrows(run, RangeError, message);
  refuse(() => displayImages([image], { columns: 0 }), "with columns of 0: it must be an integer");
  refuse(() => displayImage(image, { scale: 1.5 }), "with size of 1.5");
  refuse(() => displayImages([image], { range: [1, 1] }), "in the range from 1 to 1");
  refuse(() => displayImages([image], { captions: [] }), "1 images with 0 captions");
  refuse(() => displayBatch({ ...batch, size: 4 }), "Cannot display a batch of 4 as it has 20");
  refuse(
    () => displayPredictions(batch, { data: new Float32Array(4), shape: [2, 2] }),
    "Cannot display 5 images with outputs of shape [2, 2]",
  );
  assert(displayImages([image]));
});
