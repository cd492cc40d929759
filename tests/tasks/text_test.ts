import { assertEquals } from "@std/assert";
import { bar } from "../../tasks/_text/bar.ts";
import { duration } from "../../tasks/_text/duration.ts";
import { table } from "../../tasks/_text/table.ts";
import { terminalLine } from "../../tasks/_text/terminal_line.ts";

Deno.test("table sets text left and numbers right", () => {
  assertEquals(table([["name", "count", "note"], ["a", 1234, "x"], ["long name", 5, ""]]), [
    "name       count  note",
    "---------  -----  ----",
    "a          1,234  x",
    "long name      5",
  ]);
});

Deno.test("table sets columns of text right where it is told to", () => {
  assertEquals(table([["a", "b"], ["x", "1.50"], ["y", "12"]], { right: [1] }), [
    "a     b",
    "-  ----",
    "x  1.50",
    "y    12",
  ]);
});

Deno.test("duration speaks in seconds, minutes and hours", () => {
  assertEquals([0.4, 59.4, 59.6, 185, 3599.7, 3723].map(duration), [
    "0 s",
    "59 s",
    "1:00 min",
    "3:05 min",
    "1:00:00 h",
    "1:02:03 h",
  ]);
});

Deno.test("bar fills with the share and never overflows", () => {
  assertEquals([-1, 0, 0.5, 1, 2].map((share) => bar(share).split("#").length - 1), [
    0,
    0,
    12,
    24,
    24,
  ]);
  assertEquals(bar(0.25), "[######..................]");
});

Deno.test("terminalLine draws over itself, and not at all where there is no terminal", () => {
  const written: string[] = [];
  const write = (text: string) => written.push(text);
  const line = terminalLine({ active: true, write });
  line.draw("a");
  line.clear();
  terminalLine({ active: false, write }).draw("b");
  assertEquals(written, ["\r\x1b[Ka", "\r\x1b[K"]);
});
