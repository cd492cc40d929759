import { BackendError, DeviceMemoryError } from "../../models/mod.ts";
import { assert, assertEquals } from "@std/assert";
import { formatError } from "../../tasks/_cli/errors.ts";
import {
  booleanFlag,
  choiceFlag,
  integerFlag,
  numberFlag,
  pathFlag,
} from "../../tasks/_cli/flags.ts";
import { formatHelp } from "../../tasks/_cli/format_help.ts";
import { parseFlags } from "../../tasks/_cli/parse_flags.ts";

const flags = {
  batchSize: integerFlag({ least: 1, most: 64, help: "Images in a batch", shownDefault: "32" }),
  rate: numberFlag({ above: 0, below: 1, help: "The rate" }),
  kind: choiceFlag(["a", "b"], { help: "The kind" }),
  out: pathFlag({ placeholder: "DIR", help: "The folder" }),
  shuffle: booleanFlag({ negatable: true, help: "Shuffle" }),
  quiet: booleanFlag({ help: "Say nothing" }),
};

const parse = (...args: string[]): unknown => {
  const parsed = parseFlags(flags, args);
  return parsed._tag === "Left" ? parsed.left.message : parsed.right;
};

Deno.test("parseFlags() reads values, switches and negations, with = and without", () => {
  assertEquals(parse(), {});
  assertEquals(parse("--batch-size", "8", "--rate=0.5", "--kind", "b", "--out", "x"), {
    batchSize: 8,
    rate: 0.5,
    kind: "b",
    out: "x",
  });
  assertEquals(parse("--no-shuffle", "--quiet"), { shuffle: false, quiet: true });
  assertEquals(parse("--shuffle"), { shuffle: true });
  assertEquals(parse("--out", "-"), { out: "-" });
  assertEquals(parse("--batch-size", "8", "--batch-size", "9"), { batchSize: 9 });
});

Deno.test("parseFlags() names what it cannot read", () => {
  const cannot = "Cannot understand the command line: ";
  const see = "; --help lists the flags";
  assertEquals(parse("--batch", "8"), `${cannot}the flag --batch is not known${see}`);
  assertEquals(parse("more"), `${cannot}"more" is not known${see}`);
  assertEquals(parse("--no-quiet"), `${cannot}the flag --no-quiet is not known${see}`);
  assertEquals(parse("--out", "--quiet"), `${cannot}--out lacks its value${see}`);
  assertEquals(parse("--out", ""), `${cannot}--out lacks its value${see}`);
  for (const text of ["0", "65", "1.5", "-1", "1e1", "x"]) {
    const needed = "it must be an integer of at least 1 and at most 64";
    assertEquals(parse("--batch-size", text), `Cannot use --batch-size ${text}: ${needed}`);
  }
  for (const text of ["0", "1", "nan", "Infinity"]) {
    const needed = "it must be a number above 0 and below 1";
    assertEquals(parse("--rate", text), `Cannot use --rate ${text}: ${needed}`);
  }
  assertEquals(parse("--kind", "c"), "Cannot use --kind c: it must be one of a, b");
});

Deno.test("formatHelp() shows each flag with its default and stays within the width", () => {
  const text = formatHelp("train", "Trains. ".repeat(30).trim(), flags);
  assert(text.split("\n").every((line) => line.length <= 100));
  assertEquals(text.split("\n").slice(-6), [
    "  --batch-size N  Images in a batch [32]",
    "  --rate X        The rate",
    "  --kind a|b      The kind",
    "  --out DIR       The folder",
    "  --[no-]shuffle  Shuffle",
    "  --quiet         Say nothing",
  ]);
});

Deno.test("formatError() makes one line of whatever was thrown", () => {
  assertEquals(formatError(new Error("a\n  b\n")), "a b");
  assertEquals(formatError("a"), "a");
  assertEquals(formatError(new TypeError()), "TypeError");
});

Deno.test("formatError() writes a backend's options as flags", () => {
  const refused = 'Cannot use precision "mixed" with kernels "stock": a card "of precision"';
  const options = { code: "precision-unsupported", option: "precision" } as const;
  assertEquals(
    formatError(new BackendError("webgpu", refused, options)),
    'Cannot use --precision mixed with --kernels stock: a card "of precision"',
  );
  assertEquals(
    formatError(new BackendError("webgpu", refused, { code: "device-lost" })),
    refused,
  );
  assertEquals(
    formatError(new DeviceMemoryError("wasm")),
    "Cannot go on as the wasm device is out of memory: reduce --batch-size or --side",
  );
});
