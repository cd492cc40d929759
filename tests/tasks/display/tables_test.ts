import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import {
  displayClassificationReport,
  displayConfusionMatrix,
  displayNetwork,
  jupyterDisplay,
  makeDisplay,
  openLiveDisplay,
} from "@rill/rill/display";
import * as models from "@rill/rill/models";
import { assertWellFormed } from "./_markup.ts";

Deno.test("displayNetwork() has a row for each layer, and the totals", async () => {
  const network = models.getOrThrow(models.build(models.alexnet(), [224, 224, 1]));
  const formats = await displayNetwork(network)[jupyterDisplay]();
  const html = formats["text/html"] ?? "";
  assertWellFormed(html);
  const rows = [...html.matchAll(/<tr>(.*?)<\/tr>/g)].map(([, row = ""]) =>
    [...row.matchAll(/<t[hd][^>]*>([^<]*)/g)].map(([, cell]) => cell)
  );
  assertEquals(rows[0], ["name", "layer", "output", "parameters", "million FLOPs"]);
  assertEquals(rows[1], ["", "input", "224 × 224 × 1", "", ""]);
  assertEquals(rows[2], [
    "conv.0",
    "Conv2d(1, 96, kernel 11, stride 4)",
    "54 × 54 × 96",
    "11,712",
    "67.7",
  ]);
  assertEquals(rows.length, 23);
  assertStringIncludes(html, "46,764,746 parameters");
  assertEquals(formats["text/plain"], models.summaryTable(network));
});

Deno.test("displayConfusionMatrix() has each count in its cell, and names for all", async () => {
  const display = displayConfusionMatrix([[8, 2], [0, 0]], { classes: ["<boot>", "coat"] });
  const formats = await display[jupyterDisplay]();
  const svg = formats["image/svg+xml"] ?? "";
  assertWellFormed(svg);
  const told = [...svg.matchAll(/<g><title>([^<]*)/g)].map(([, title]) => title);
  assertEquals(told, [
    "&lt;boot&gt; taken for what it is: 8 of 10",
    "&lt;boot&gt; taken for coat: 2 of 10",
    "coat taken for &lt;boot&gt;: 0 of 0",
    "coat taken for what it is: 0 of 0",
  ]);
  assertStringIncludes(svg, "Confusion matrix: 8 of 10 examples");
  assertEquals(
    formats["text/plain"],
    "is \\ taken for  <boot>  coat\n<boot>               8     2\ncoat                 0     0",
  );
});

Deno.test("displayConfusionMatrix() refuses what isn't square, and names that don't fit", () => {
  const refuse = (run: () => unknown) =>
    assertThrows(run, RangeError, "Cannot display a confusion matrix of");
  refuse(() => displayConfusionMatrix([]));
  refuse(() => displayConfusionMatrix([[1, 2]]));
  refuse(() => displayConfusionMatrix([[1]], { classes: [] }));
});

Deno.test("displayConfusionMatrix() draws a hundred classes without counts", async () => {
  const matrix = Array.from({ length: 100 }, () => new Array<number>(100).fill(1));
  const svg = (await displayConfusionMatrix(matrix)[jupyterDisplay]())["image/svg+xml"] ?? "";
  assertWellFormed(svg);
  assertEquals([...svg.matchAll(/<text /g)].length, 202);
});

Deno.test("displayClassificationReport() has a dash where there is nothing to divide by", async () => {
  const report = models.classificationReport([[3, 1], [0, 0]], ["boot", "coat"]);
  const formats = await displayClassificationReport(report)[jupyterDisplay]();
  assertWellFormed(formats["text/html"] ?? "");
  assertStringIncludes(formats["text/plain"], "coat   0.000      –       0.000");
  assertStringIncludes(formats["text/html"] ?? "", "accuracy 0.750 over 4 examples");
});

Deno.test("openLiveDisplay() shows once, and then replaces what it showed", async () => {
  const sent: [string, Record<string, unknown>][] = [];
  const place = openLiveDisplay((...message) => Promise.resolve(void sent.push(message)));
  for (const text of ["one", "two", "three"]) {
    await place.show(makeDisplay(() => ({ "text/plain": text })));
  }
  assertEquals(sent.map(([type, { data }]) => [type, data]), [
    ["display_data", { "text/plain": "one" }],
    ["update_display_data", { "text/plain": "two" }],
    ["update_display_data", { "text/plain": "three" }],
  ]);
  const ids = sent.map(([, { transient }]) => (transient as { display_id: string }).display_id);
  assertEquals(new Set(ids).size, 1);
  const other = openLiveDisplay((...message) => Promise.resolve(void sent.push(message)));
  await other.show(makeDisplay(() => ({ "text/plain": "four" })));
  assertEquals(sent.at(-1)?.[0], "display_data");
});
