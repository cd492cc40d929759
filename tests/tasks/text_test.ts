import { assertEquals } from "@std/assert";
import { formatBar, formatDuration, formatTable } from "../../tasks/_text/format.ts";
import { createProgressLine, formatPercent } from "../../tasks/_text/progress_line.ts";
import { createSparkline, formatSparkline } from "../../tasks/_text/sparkline.ts";
import { createTerminalLine } from "../../tasks/_text/terminal_line.ts";

Deno.test("formatTable() aligns text left and numbers right", () => {
  assertEquals(formatTable([["name", "count", "note"], ["a", 1234, "x"], ["long name", 5, ""]]), [
    "name       count  note",
    "---------  -----  ----",
    "a          1,234  x",
    "long name      5",
  ]);
});

Deno.test("formatTable() aligns columns of text right if asked to", () => {
  assertEquals(formatTable([["a", "b"], ["x", "1.50"], ["y", "12"]], { right: [1] }), [
    "a     b",
    "-  ----",
    "x  1.50",
    "y    12",
  ]);
});

Deno.test("formatDuration() formats seconds, minutes and hours", () => {
  assertEquals([0.4, 59.4, 59.6, 185, 3599.7, 3723].map(formatDuration), [
    "0 s",
    "59 s",
    "1:00 min",
    "3:05 min",
    "1:00:00 h",
    "1:02:03 h",
  ]);
});

Deno.test("formatBar() fills with the share and never overflows", () => {
  assertEquals([-1, 0, 0.5, 1, 2].map((share) => formatBar(share).split("#").length - 1), [
    0,
    0,
    12,
    24,
    24,
  ]);
  assertEquals(formatBar(0.25), "[######..................]");
});

Deno.test("createTerminalLine() draws over itself, and not at all without a terminal", () => {
  const written: string[] = [];
  const write = (text: string) => written.push(text);
  const line = createTerminalLine({ active: true, write });
  line.draw("a");
  line.clear();
  createTerminalLine({ active: false, write }).draw("b");
  assertEquals(written, ["\r\x1b[Ka", "\r\x1b[K"]);
});

Deno.test("createTerminalLine() never draws past the terminal, however it is resized", () => {
  const written: string[] = [];
  let columns = 80;
  const line = createTerminalLine({
    active: true,
    write: (text) => written.push(text.replace("\r\x1b[K", "")),
    measureColumns: () => columns,
  });
  const text = "epoch 1/1, step 181/200, loss 0.4065, 63.1 images/s, 10 s left";
  const long = `${formatBar(0.9)} ${text}`;
  assertEquals(long.length, 89);
  for (columns of [90, 89, 80, 63, 62, 11, 1, 0]) line.draw(long, text);
  assertEquals(written, [long, text, text, text, text.slice(0, 61), text.slice(0, 10), "", ""]);
});

Deno.test("createProgressLine() has its bar where there is room for it", () => {
  const written: string[] = [];
  let columns = 80;
  let time = 0;
  const progress = createProgressLine({
    line: createTerminalLine({
      active: true,
      write: (text) => written.push(text.replace("\r\x1b[K", "")),
      measureColumns: () => columns,
    }),
    now: () => time,
  });
  progress.show(0.5, "half");
  columns = 20;
  progress.show(0.6, "too soon");
  time += 100;
  progress.show(0.75, "a narrow terminal");
  time += 100;
  progress.show(undefined, "of an unknown length");
  assertEquals(written, [
    "[############............] half",
    "a narrow terminal",
    "of an unknown lengt",
  ]);
  assertEquals([0, 0.29, 0.379, 0.999, 1].map(formatPercent), ["0%", "29%", "37%", "99%", "100%"]);
});

Deno.test("createProgressLine() draws a curve beside the bar, or in its place, where there is room", () => {
  const written: string[] = [];
  let columns = 80;
  let time = 0;
  const line = createTerminalLine({
    active: true,
    write: (text) => written.push(text.replace("\r\x1b[K", "")),
    measureColumns: () => columns,
  });
  const progress = createProgressLine({ line, now: () => time });
  const plain: string[] = [];
  const piped = createProgressLine({
    line: createTerminalLine({ active: false }),
    print: (text) => plain.push(text),
    now: () => time,
  });
  for (columns of [50, 40, 20, 12]) {
    progress.show(0.5, "loss 0.5", "█▅▃▁");
    time += 10_000;
    piped.show(0.5, "loss 0.5", "█▅▃▁");
  }
  assertEquals(written, [
    "[############............] █▅▃▁ loss 0.5",
    "[############............] loss 0.5",
    "█▅▃▁ loss 0.5",
    "loss 0.5",
  ]);
  assertEquals(plain, Array(4).fill("loss 0.5"));
});

Deno.test("createSparkline() shows all numbers in so many columns, and holds no more than twice those", () => {
  const curve = createSparkline(4);
  assertEquals(curve.format(), "");
  curve.add(NaN);
  curve.add(Infinity);
  assertEquals(curve.format(), "");
  curve.add(3);
  assertEquals(curve.format(), "▁");
  curve.add(1);
  assertEquals(curve.format(), "█▁");
  for (let i = 0; i < 1000; i++) curve.add(1);
  // The first two numbers are a part of the first column.
  assertEquals([...curve.format()].length, 4);
  assertEquals(curve.format(), "█▁▁▁");
  assertEquals(formatSparkline([0, 1, 2, 3, 4, 5, 6, 7]), "▁▂▃▄▅▆▇█");
});
