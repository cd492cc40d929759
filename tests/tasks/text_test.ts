import { assertEquals } from "@std/assert";
import { formatBar, formatDuration, formatTable } from "../../tasks/_text/format.ts";
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
