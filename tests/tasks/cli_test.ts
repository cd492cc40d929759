import { BackendError, CommunicatorError, DeviceMemoryError } from "../../models/mod.ts";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { ImageError, StageError } from "@rill/rill/pipelines";
import { formatError, quotePath } from "../../tasks/_cli/errors.ts";
import {
  booleanFlag,
  choiceFlag,
  type Flag,
  integerFlag,
  numberFlag,
  pathFlag,
} from "../../tasks/_cli/flags.ts";
import { formatHelp } from "../../tasks/_cli/format_help.ts";
import { parseCommandLine, parseFlags, toFlagName } from "../../tasks/_cli/parse_flags.ts";
import { suggestWord, SYNONYMS } from "../../tasks/_cli/suggest_word.ts";
import { modelFlags } from "../../tasks/_evaluate/model_flags.ts";
import { evaluateFlags } from "../../tasks/_evaluate/evaluate_flags.ts";
import { pipelineFlags } from "../../tasks/_pipeline/pipeline_flags.ts";
import { predictFlags } from "../../tasks/_predict/predict_flags.ts";
import { reportFlags } from "../../tasks/_report/report_flags.ts";
import { trainFlags } from "../../tasks/_train/train_flags.ts";
import { tuneFlags } from "../../tasks/_tune/tune_flags.ts";

const flags = {
  batchSize: integerFlag({ least: 1, most: 64, help: "Images in a batch", shownDefault: "32" }),
  rate: numberFlag({ above: 0, below: 1, help: "The rate" }),
  kind: choiceFlag(["a", "b"], { help: "The kind" }),
  out: pathFlag({ placeholder: "DIR", help: "The folder" }),
  shuffle: booleanFlag({ negatable: true, help: "Shuffle" }),
  quiet: booleanFlag({ letter: "q", help: "Say nothing" }),
};

const cannot = "Cannot understand the command line: ";
const see = "; --help lists the flags";

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
  assertEquals(parse("--out", "--rate", "0.5"), `${cannot}--out lacks its value${see}`);
  assertEquals(parse("--out=--=x"), { out: "--=x" });
  assertEquals(parse("--out", "a\nb = c"), { out: "a\nb = c" });
  assertEquals(parse("--quiet=true", "--shuffle=false"), { quiet: true, shuffle: false });
  assertEquals(parse("--quiet=false", "--no-shuffle=true"), { quiet: false, shuffle: false });
  assertEquals(parse("--no-shuffle=false"), { shuffle: true });
  assertEquals(parse("-q"), { quiet: true });
});

Deno.test("parseFlags() takes a value that may be left out only behind =", () => {
  const optional = {
    ...flags,
    port: integerFlag({ least: 0, bare: "0", placeholder: "PORT", help: "The port" }),
  };
  const parse = (...args: string[]): unknown => {
    const parsed = parseFlags(optional, args);
    return parsed._tag === "Left" ? parsed.left.message : parsed.right;
  };
  assertEquals(parse("--port"), { port: 0 });
  assertEquals(parse("--port", "--quiet"), { port: 0, quiet: true });
  assertEquals(parse("--port=8080"), { port: 8080 });
  assertEquals(parse("--port", "80"), `${cannot}"80" is not known: write --port=80${see}`);
  assertStringIncludes(formatHelp("x", "y", optional), "  --port[=PORT]  ");
});

Deno.test("parseFlags() names what it cannot read", () => {
  const unknown = (flag: string) => `${cannot}the flag ${flag} is not known${see}`;
  assertEquals(parse("--nothing-like-it", "8"), unknown("--nothing-like-it"));
  assertEquals(parse("more"), `${cannot}"more" is not known${see}`);
  assertEquals(parse("--no-quiet"), unknown("--no-quiet"));
  assertEquals(parse("--__proto__"), unknown("--__proto__"));
  assertEquals(parse("--out", "--quiet"), `${cannot}--out lacks its value${see}`);
  assertEquals(parse("--out", ""), `${cannot}--out lacks its value${see}`);
  assertEquals(parse("--out="), `${cannot}--out lacks its value${see}`);
  assertEquals(parse("--quiet="), `${cannot}--quiet lacks its value${see}`);
  assertEquals(parse("--quiet", "no"), `${cannot}"no" is not known, --quiet takes no value${see}`);
  assertEquals(parse("--rate", "0.5", "-1"), `${cannot}"-1" is not known${see}`);
  const dashes = '"--" is not known, flags follow the name of the task as they are';
  assertEquals(parse("--", "--quiet"), `${cannot}${dashes}${see}`);
  assertEquals(parse("--quiet", "--"), `${cannot}${dashes}${see}`);
  const digits = ", in decimal digits";
  const wholes = ["0", "65", "1.5", "-1", "x"];
  for (const text of [...wholes, "1e1", "0x10", "1_0", "1,000", "+5", " 5"]) {
    const needed = "it must be an integer of at least 1 and at most 64" +
      (wholes.includes(text) ? "" : digits);
    assertEquals(parse("--batch-size", text), `Cannot use --batch-size ${text}: ${needed}`);
  }
  const numbers = ["0", "1", "-1e-3", "nan", "Infinity"];
  for (const text of [...numbers, "0x1", "0,5", "5%"]) {
    const needed = "it must be a number above 0 and below 1" +
      (numbers.includes(text) ? "" : digits);
    assertEquals(parse("--rate", text), `Cannot use --rate ${text}: ${needed}`);
  }
  assertEquals(parse("--kind", "c"), "Cannot use --kind c: it must be one of a, b");
});

Deno.test("parseCommandLine() takes words that are no flags where a task has them", () => {
  const read = (...args: string[]): unknown => {
    const parsed = parseCommandLine(flags, args, { takesOperands: true });
    return parsed._tag === "Left" ? parsed.left.message : parsed.right;
  };
  assertEquals(read("a.png", "--out", "b", "-", "--quiet", "007", "c d"), {
    flags: { out: "b", quiet: true },
    operands: ["a.png", "-", "007", "c d"],
  });
  assertEquals(read("a", "--quiet", "--", "--out", "-x", "--"), {
    flags: { quiet: true },
    operands: ["a", "--out", "-x", "--"],
  });
  assertEquals(read("-x", "a"), `${cannot}the flag -x is not known${see}`);
  assertEquals(
    read("a", "--outt", "b"),
    [
      `${cannot}the flag --outt is not known (did you mean --out?)${see}`,
    ].join(),
  );
});

Deno.test("parseFlags() refuses a flag that is given twice, however it is written", () => {
  const twice = (name: string) => `${cannot}--${name} is given twice${see}`;
  assertEquals(parse("--batch-size", "8", "--batch-size", "9"), twice("batch-size"));
  assertEquals(parse("--batch-size=8", "--batch-size", "8"), twice("batch-size"));
  assertEquals(parse("--quiet", "-q"), twice("quiet"));
  assertEquals(parse("--shuffle", "--no-shuffle"), twice("shuffle"));
});

Deno.test("parseFlags() takes true and false alone behind a switch", () => {
  for (const text of ["no", "yes", "0", "1", "on", "off", "True", "TRUE", " true", "null"]) {
    for (const flag of ["quiet", "shuffle", "no-shuffle"]) {
      assertEquals(
        parse(`--${flag}=${text}`),
        `Cannot use --${flag}=${text}: it must be true or false`,
      );
    }
  }
});

/** The flags of all tasks, by task. */
const taskFlags = {
  train: trainFlags,
  evaluate: evaluateFlags,
  tune: tuneFlags,
  pipeline: pipelineFlags,
  predict: predictFlags,
  report: reportFlags,
};

/** Ways to write a number, of which other programs take some. */
const notDecimal = [
  "0x10",
  "0b1",
  "0o7",
  " 5",
  "5 ",
  "\t5",
  "1_000",
  "1,000",
  "５",
  "5n",
  "+5",
  "1/2",
]
  .concat("", "NaN", "Infinity", "-Infinity", "1e", "e3", ".", "-", "5.5.5", "--5", "٣");

Deno.test("numbers are read in one way by all flags of all tasks", () => {
  let count = 0;
  for (const [task, flags] of Object.entries(taskFlags)) {
    for (const [key, flag] of Object.entries<Flag<unknown>>(flags)) {
      if (flag.placeholder !== "N" && flag.placeholder !== "X") continue;
      count++;
      for (const text of notDecimal) {
        assertEquals(flag.read(text)._tag, "Left", `${task}: ${key} takes ${JSON.stringify(text)}`);
      }
      // Integers take digits only, numbers a point and an exponent too.
      const isInteger = flag.placeholder === "N";
      for (const text of ["5e-1", ".5", "0.5"]) {
        assertEquals(flag.read(text)._tag, isInteger ? "Left" : "Right", `${task}: ${key} ${text}`);
      }
    }
  }
  assert(count > 20, `${count} flags`);
});

Deno.test("a number that is too large is told the most", () => {
  const { epochs } = trainFlags;
  assertEquals(epochs.read("99999999999999999999"), {
    _tag: "Left",
    left: "an integer of at least 1 and at most 1000000",
  });
  assertEquals(integerFlag({ least: 1, help: "" }).read("99999999999999999999"), {
    _tag: "Left",
    left: "an integer of at least 1 and at most 9007199254740991",
  });
  assertEquals(numberFlag({ above: 0, help: "" }).read("1e999"), {
    _tag: "Left",
    left: "a finite number above 0",
  });
  assertEquals(numberFlag({ help: "" }).read("-0"), { _tag: "Right", right: 0 });
});

Deno.test("an unknown flag gets the one that was likely meant", () => {
  const suggest = (flag: string) => suggestWord(flag, Object.keys(trainFlags).map(toFlagName));
  for (
    const [written, meant] of [
      ["--bach-size", "batch-size"],
      ["--batchSize", "batch-size"],
      ["--batch_size", "batch-size"],
      ["--batch", "batch-size"],
      ["--bs", "batch-size"],
      ["--lr", "learning-rate"],
      ["-lr", "learning-rate"],
      ["--learning_rate", "learning-rate"],
      ["--leraning-rate", "learning-rate"],
      ["--epoch", "epochs"],
      ["-epochs", "epochs"],
      ["--sead", "seed"],
      ["--sdie", "side"],
      ["--network", "model"],
      ["--lossfn", "loss"],
      ["--output", "out"],
      ["--force", "yes"],
      ["--device", "backend"],
      ["--num-workers", "workers"],
      ["--test", "test-images"],
      ["--colour", undefined],
      ["--", undefined],
      ["--constructor", undefined],
    ] as const
  ) assertEquals(suggest(written), meant, written);
  assertEquals(
    parse("--bach-size=8"),
    `${cannot}the flag --bach-size is not known (did you mean --batch-size?)${see}`,
  );
  assertEquals(
    parse("--no-shufle"),
    `${cannot}the flag --no-shufle is not known (did you mean --no-shuffle?)${see}`,
  );
});

Deno.test("every synonym leads to a flag or a word of some task", () => {
  const known = Object.values(taskFlags).flatMap((flags) => Object.keys(flags).map(toFlagName))
    .concat("against", "input");
  for (const [word, names] of Object.entries(SYNONYMS)) {
    assert(names.every((name) => known.includes(name)), word);
    assert(!names.includes(word), word);
  }
});

Deno.test("a path in a hint is quoted where a shell needs it", () => {
  const quote = (path: string) => quotePath(path, "linux");
  for (const path of ["runs/2026-01-01_10-00-00", "/a/b.c", "a~", "é/日"]) {
    const plain = /^[\x20-\x7e]*$/.test(path);
    assertEquals(quote(path), plain ? path : `'${path}'`);
  }
  assertEquals(quote("my runs/a"), "'my runs/a'");
  assertEquals(quote("it's"), "'it'\\''s'");
  assertEquals(quote("$HOME;rm"), "'$HOME;rm'");
  assertEquals(quote("~"), "'~'");
  assertEquals(quote("-x"), "./-x");
  assertEquals(quotePath("C:\\my runs", "windows"), '"C:\\my runs"');
  assertEquals(quotePath("C:\\runs", "windows"), "C:\\runs");
});

Deno.test("a path with a ~ that no shell has replaced is refused", () => {
  assertStringIncludes(
    String(parse("--out=~/run")),
    "Cannot use --out ~/run: it must be a path that",
  );
  assertEquals(parse("--out=~run"), { out: "~run" });
});

Deno.test("a list of numbers has commas between", () => {
  const { mean } = modelFlags;
  assertEquals(mean.read("0.5"), { _tag: "Right", right: 0.5 });
  assertEquals(mean.read("0.4,0.5,-1"), { _tag: "Right", right: [0.4, 0.5, -1] });
  for (const text of ["auto", "0.4,", "", "1,x"]) assertEquals(mean.read(text)._tag, "Left", text);
});

Deno.test("formatHelp() shows each flag with its default and stays within the width", () => {
  const help = (columns: number) =>
    formatHelp("train", "Trains. ".repeat(30).trim(), { ...flags, ...trainFlags }, columns);
  for (const [columns, width] of [[60, 60], [80, 80], [100, 100], [200, 100]] as const) {
    const longest = Math.max(...help(columns).split("\n").map(({ length }) => length));
    assert(longest <= width && longest > width - 5, `${longest} of ${width} columns`);
  }
  const text = formatHelp("train", "Trains.", flags);
  assertEquals(text.split("\n").slice(-6), [
    "  --batch-size N  Images in a batch [32]",
    "  --rate X        The rate",
    "  --kind a|b      The kind",
    "  --out DIR       The folder",
    "  --[no-]shuffle  Shuffle",
    "  --quiet, -q     Say nothing",
  ]);
});

Deno.test("formatError() makes one line of whatever was thrown", () => {
  assertEquals(formatError(new Error("a\n  b\n")), "a b");
  assertEquals(formatError("a"), "a");
  assertEquals(formatError("tensor \x1b[31mé\u009b2J\0"), "tensor \\u001b[31mé\\u009b2J\\u0000");
  assertEquals(formatError(new TypeError()), "TypeError");
});

Deno.test("formatError() names a broken picture, or else its place, and what can be done", () => {
  const tell = (source?: string) =>
    formatError(new StageError("decode", 73, new ImageError("it is cut short", { source })));
  const hint = "it is cut short; --on-bad-record skip leaves such pictures out";
  assertEquals(tell("a/1.jpg"), `Cannot decode image a/1.jpg as ${hint}`);
  assertEquals(tell(), `Cannot decode item 73: Cannot decode image as ${hint}`);
  const tellOfRank = (source?: string) => {
    const { message } = new StageError("decode", 73, new ImageError("it is cut short", { source }));
    return formatError(new CommunicatorError(1, message));
  };
  const failed = "Cannot go on as rank 1 failed";
  assertEquals(tellOfRank("a/1.jpg"), `${failed}: Cannot decode image a/1.jpg as ${hint}`);
  assertEquals(tellOfRank(), `${failed}: Cannot decode item 73: Cannot decode image as ${hint}`);
  assertEquals(formatError(new CommunicatorError(1, "no luck")), `${failed}: no luck`);
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
