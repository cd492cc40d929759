import { assert, assertEquals } from "@std/assert";
import { decodeImageBytes } from "@rill/rill/pipelines/decode-image";
import { createMistakes, type MistakeOffer } from "../../../tasks/_report/collect_mistakes.ts";
import { drawFilters, drawOutput, encodeThumbnail } from "../../../tasks/_report/draw_pictures.ts";
import { renderHeatMap } from "../../../tasks/_report/heat_map.ts";
import { renderLineChart } from "../../../tasks/_report/charts.ts";
import { shortenPath } from "../../../tasks/_report/score_run.ts";

const image = { data: Uint8Array.of(7), height: 1, width: 1, channels: 1 };

/** Offers mistakes, and counts the pictures that are made. */
function createOffers() {
  let made = 0;
  const offer = (is: number, taken: number, probability: number): MistakeOffer => ({
    ...{ name: undefined, is, taken, probability },
    takeImage: () => (made++, image),
  });
  return { offer, count: () => made };
}

const surenessOf = (mistakes: readonly { readonly probability: number }[]) =>
  mistakes.map(({ probability }) => probability);

Deno.test("createMistakes() keeps the surest, of all and of each pair, and makes no other pictures", () => {
  const { offer, count } = createOffers();
  const mistakes = createMistakes({ surest: 2, perPair: 2 });
  for (const probability of [0.5, 0.9, 0.7]) mistakes.add(offer(0, 1, probability));
  mistakes.add(offer(1, 0, 0.8));
  assertEquals(surenessOf(mistakes.listSurest()), [0.9, 0.8]);
  assertEquals(surenessOf(mistakes.listOf(0, 1)), [0.9, 0.7]);
  assertEquals(surenessOf(mistakes.listOf(1, 0)), [0.8]);
  assertEquals(mistakes.listOf(2, 0), []);
  const before = count();
  mistakes.add(offer(0, 1, 0.1));
  assertEquals(count(), before);
});

Deno.test("createMistakes() gives up the pictures of rare pairs where there are too many", () => {
  const { offer } = createOffers();
  const mistakes = createMistakes({ surest: 1, perPair: 2, most: 20 });
  for (let i = 0; i < 50; i++) {
    mistakes.add(offer(100, 101, 0.6));
    mistakes.add(offer(i, i + 1, 0.5));
  }
  const kept = Array.from({ length: 50 }, (_, i) => mistakes.listOf(i, i + 1).length)
    .reduce((a, b) => a + b);
  assertEquals(mistakes.listOf(100, 101).length, 2);
  assert(kept <= 20, `${kept} of the rare pairs`);
});

/** Decodes the file that stands in an address. */
const decode = ({ url }: { readonly url: string }) =>
  decodeImageBytes(Uint8Array.fromBase64(url.replace("data:image/png;base64,", "")));

Deno.test("drawFilters() puts planes of PyTorch's layout side by side, each over its own range", async () => {
  // Two filters of three channels and 1 x 2: the first red, then blue; the second all of one number.
  const data = Float32Array.of(1, 0, 0, 0, 0, 1, 5, 5, 5, 5, 5, 5);
  const sheet = await drawFilters({ shape: [2, 3, 1, 2], data });
  assertEquals([sheet?.shown, sheet?.of], [2, 2]);
  const { data: pixels, ...shape } = await decode(sheet!.picture);
  assertEquals(shape, { height: 1, width: 5, channels: 4 });
  assertEquals([...pixels.subarray(0, 12)], [255, 0, 0, 255, 0, 0, 255, 255, 0, 0, 0, 0]);
  assertEquals([...pixels.subarray(12)], [0, 0, 0, 255, 0, 0, 0, 255]);
  assertEquals(await drawFilters({ shape: [2, 8, 1, 1], data: new Float32Array(16) }), undefined);
});

Deno.test("drawOutput() shows the channels that vary most first, by one scale, and NaN as black", async () => {
  const output = { name: "a", layer: "A()", shape: [1, 2, 3] };
  // By pixels: the first channel is even, the second varies by 1, the third by 4.
  const data = Float32Array.of(2, 0, 0, 2, 1, 4);
  const sheet = await drawOutput({ ...output, data }, 64);
  const { data: pixels } = await decode(sheet.picture);
  const gray = [...pixels].filter((_, i) => i % 2 === 0);
  // Between the parts is a pixel of nothing.
  assertEquals(gray, [0, 255, 0, 0, 64, 0, 128, 128]);
  const vector = await drawOutput({ ...output, shape: [3], data: Float32Array.of(NaN, 1, 3) }, 64);
  assertEquals([...(await decode(vector.picture)).data], [0, 0, 255]);
});

Deno.test("encodeThumbnail() shrinks what is larger, and only that", async () => {
  const large = { data: new Uint8Array(3 * 100 * 50), height: 100, width: 50, channels: 3 };
  const { width, height } = await encodeThumbnail(large, 40);
  assertEquals([height, width], [40, 20]);
  assertEquals((await encodeThumbnail(image, 40)).width, 1);
});

Deno.test("renderHeatMap() shows of many classes those that are confused most, and all numbers in a table", () => {
  const classes = 60;
  const matrix: number[][] = Array.from(
    { length: classes },
    (_, is) => Array.from({ length: classes }, (_, taken) => is === taken ? 9 : 0),
  );
  matrix[50]![51] = 4;
  const names = matrix.map((_, i) => i === 50 ? "<b>" : `class ${i}`);
  const page = String(renderHeatMap(matrix, names));
  assert(page.includes("of the 20 classes confused most"));
  assert(page.includes("&lt;b&gt;") && !page.includes("<b>"));
  assert(page.includes("540 of 544 are right. Most often taken: &lt;b&gt; for class 51, 4 times."));
  assertEquals(page.match(/<tr>/g)?.length, 21);
});

Deno.test("renderLineChart() says in words and numbers what it draws", () => {
  const chart = {
    title: "Loss",
    unit: "loss",
    series: [{ name: "a & b", run: 0, points: [[1, 2], [10, 0.5], [20, 1]] as const }],
  };
  const page = String(renderLineChart(chart));
  assert(
    page.includes(
      'aria-label="Loss. a &amp; b: from 2 at step 1 to 1 at step 20, between 0.5 and 2."',
    ),
  );
  assert(page.includes('<th scope="row">10</th><td class="number">0.5</td>'));
  assert(!page.includes("<style"));
  assert(String(renderLineChart({ ...chart, series: [] })).includes("Nothing was logged"));
});

Deno.test("shortenPath() takes away the folder of the data, and nothing else", () => {
  for (const spec of ["folder:my photos", "folder:my photos/"]) {
    assertEquals(shortenPath("my photos/grass/1.jpg", spec), "grass/1.jpg");
    assertEquals(shortenPath("my photos 2/grass/1.jpg", spec), "my photos 2/grass/1.jpg");
  }
  assertEquals(shortenPath("record 3", "fashion-mnist"), "record 3");
  assertEquals(shortenPath("a/b.jpg", "csv:a"), "a/b.jpg");
});
