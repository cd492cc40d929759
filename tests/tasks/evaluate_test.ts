import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { CheckpointError, getOrThrow } from "../../models/mod.ts";
import { UsageError } from "../../tasks/_cli/errors.ts";
import { classes } from "../../tasks/_data/fetch/fashion_mnist.ts";
import { matchClasses } from "../../tasks/_evaluate/choose_split.ts";
import { readClassNames } from "../../tasks/_evaluate/read_class_names.ts";
import {
  type ClassReport,
  computeReport,
  countTop,
  formatReport,
} from "../../tasks/_evaluate/report.ts";
import { resolveModel } from "../../tasks/_evaluate/resolve_model.ts";
import type { ModelConfig } from "../../tasks/_model/model_config.ts";
import { addToTally, createTally } from "../../tasks/_model/tally.ts";
import { writeCheckpoint, writePictures } from "./_checkpoints.ts";
import { runTask, withFolder } from "./_task.ts";

const resolve = async (...args: Parameters<typeof resolveModel>): Promise<ModelConfig> =>
  getOrThrow<Error, ModelConfig>(await resolveModel(...args)());

const batch = (labels: number[], predictions: number[], loss: number, count = 3) => ({
  size: labels.length,
  outputs: {
    data: Float32Array.from(
      predictions.flatMap((guess) => Array.from({ length: count }, (_, i) => i === guess ? 1 : 0)),
    ),
    shape: [labels.length, count],
  },
  means: {
    loss: { sum: loss * labels.length, weight: labels.length },
    accuracy: {
      sum: labels.filter((label, i) => label === predictions[i]).length,
      weight: labels.length,
    },
  },
  labels: Int32Array.from(labels),
});

const qualityOf = (report?: ClassReport) =>
  report && [report.precision, report.recall, report.f1, report.examples];

Deno.test("computeReport() counts over batches", () => {
  const tally = [batch([0, 0, 1], [0, 1, 1], 1), batch([2, 1], [0, 1], 3)]
    .reduce(addToTally, createTally(3));
  const { accuracy, loss, classes: [a, b, c], confusion } = computeReport(tally, ["a", "b", "c"]);
  assertEquals([accuracy, confusion], [0.6, [[1, 1, 0], [0, 2, 0], [1, 0, 0]]]);
  assertAlmostEquals(loss, (3 * 1 + 2 * 3) / 5, 1e-12);
  assertEquals(qualityOf(a), [0.5, 0.5, 0.5, 2]);
  assertEquals(qualityOf(b), [2 / 3, 1, 0.8, 2]);
  assertEquals(qualityOf(c), [null, 0, 0, 1]);
});

Deno.test("formatReport() names every class and shows the matrix", () => {
  const tally = addToTally(createTally(10), batch([0, 9, 9], [0, 9, 8], 0.5, 10));
  const lines = formatReport(computeReport(tally, classes)).split("\n");
  assertEquals(lines[0], "accuracy 0.6667, loss 0.5000, 3 images");
  assertEquals(lines.length, 1 + 1 + 12 + 1 + 12);
  assertStringIncludes(lines[4] ?? "", "T-shirt/top      1.000   1.000  1.000       1");
  assertEquals(lines.at(-1), "9 Ankle boot    0  0  0  0  0  0  0  0  1  1");
});

Deno.test("formatReport() names of many classes those that are told worst", () => {
  const names = Array.from({ length: 30 }, (_, i) => `class ${i}`);
  const labels = Array.from({ length: 60 }, (_, i) => Math.floor(i / 2));
  const guesses = labels.map((label, i) => label >= 12 && i % 2 === 1 ? 3 : label);
  const tally = addToTally(createTally(30), batch(labels, guesses, 1, 30));
  const lines = formatReport(computeReport(tally, names, 54)).split("\n");
  assertEquals(lines[0], "accuracy 0.7000, top-5 accuracy 0.9000, loss 1.0000, 60 images");
  assertEquals(lines[2], "The 10 of 30 classes that are told worst:");
  assertEquals(lines.filter((line) => line.startsWith("class ")).length, 1 + 10 + 10);
  assertStringIncludes(lines[5] ?? "", "class 3 ");
  assertEquals(lines.at(-1)?.split(/ {2,}/), ["class 21", "class 3", "1", "2"]);
});

Deno.test("countTop() counts labels among the five likeliest", () => {
  const data = [...[9, 8, 7, 6, 5, 4], ...[9, 8, 7, 6, 5, 4]];
  assertEquals(countTop({ data, shape: [2, 6] }, [4, 5]), 1);
});

const model = {
  name: "alexnet",
  side: 99,
  channels: 1,
  classes: 10,
  dropout: 0.1,
  mean: 0.2,
  std: 0.3,
} as const;
const metadataOf = (model: unknown, rest = {}) => ({ rill: JSON.stringify({ model, ...rest }) });

Deno.test("resolveModel() takes the metadata, and nothing that contradicts it", async () => {
  const own = { metadata: metadataOf(model), tensors: {} };
  const whole = { ...model, classNames: classes, resize: "stretch", orientation: "apply" };
  assertEquals<unknown>(await resolve(own, {}, "f"), whole);
  assertEquals<unknown>(await resolve(own, { side: 99, model: "alexnet" }, "f"), whole);
  const refuse = (given: Parameters<typeof resolveModel>[1], message: string) =>
    assertRejects(() => resolve(own, given, "f"), UsageError, message);
  await refuse({ side: 67 }, "Cannot use --side 67 as f was trained with 99, by its metadata");
  await refuse(
    { mean: [0.1, 0.2, 0.3] },
    "Cannot use --mean 0.1,0.2,0.3 as f was trained with 0.2",
  );
  await refuse({ model: "lenet" }, "Cannot use --model lenet as f was trained with alexnet");
  await refuse({ classes: "a,b" }, "as f tells 10 classes apart: there are 2 names");
  const named = await resolve(own, { classes: "a,b,c,d,e,f,g,h,i,j" }, "f");
  assertEquals(named.classNames?.slice(8), ["i", "j"]);

  // As runs before the first release saved it.
  const { std: deviation, ...rest } = model;
  const old = { metadata: metadataOf({ ...rest, deviation }), tensors: {} };
  assertEquals<unknown>(await resolve(old, {}, "f"), whole);
  await assertRejects(() => resolve(old, { std: 1 }, "f"), UsageError, "trained with 0.3");

  for (const rill of ["{}", "{", "null", JSON.stringify({ model: { ...model, name: "vgg" } })]) {
    await assertRejects(
      () => resolve({ metadata: { rill }, tensors: {} }, {}, "f"),
      CheckpointError,
      "no known model",
    );
  }
  const newer = { metadata: metadataOf(model, { version: 99 }), tensors: {} };
  await assertRejects(() => resolve(newer, {}, "f"), CheckpointError, "it is of version 99");
});

Deno.test("resolveModel() infers what a file without metadata is from the command line and the shapes", async () => {
  const exported = (channels: number, outputs: number) => ({
    metadata: { format: "pt" },
    tensors: {
      "conv.0.weight": { shape: [96, channels, 11, 11], data: new Float32Array() },
      "fc.6.weight": { shape: [outputs, 4096], data: new Float32Array() },
      "fc.6.bias": { shape: [outputs], data: new Float32Array() },
    },
  });
  const { side, mean, std, classNames } = await resolve(exported(1, 10), { side: 67 }, "f");
  assertEquals([side, mean, std, classNames], [67, 0, 1, undefined]);
  assertEquals((await resolve(exported(1, 10), {}, "f")).side, 224);
  const colored = await resolve(exported(3, 1000), { mean: [0.4, 0.5, 0.6] }, "f");
  assertEquals([colored.channels, colored.classes, colored.mean], [3, 1000, [0.4, 0.5, 0.6]]);
  const small = exported(1, 10);
  const fc = { "fc.0.weight": { shape: [4096, 256], data: new Float32Array() } };
  await assertRejects(
    () => resolve({ ...small, tensors: { ...small.tensors, ...fc } }, {}, "f"),
    CheckpointError,
    "its tensors fit 67 to 98; name it with --side",
  );
  await assertRejects(
    () => resolve(exported(4, 10), {}, "f"),
    CheckpointError,
    "it takes 4 channels: images have 1 or 3",
  );
  await assertRejects(
    () => resolve(exported(1, 10), { model: "vgg" }, "f"),
    UsageError,
    "Cannot use --model vgg (did you mean vgg11?): it must be one of alexnet,",
  );
  await assertRejects(
    () =>
      resolve(
        { metadata: {}, tensors: { "fc.weight": exported(1, 10).tensors["fc.6.bias"]! } },
        {},
        "f",
      ),
    CheckpointError,
    "Cannot use f as it doesn't say its network: name it with --model",
  );
  // A trainer of one's own may have saved the names of the classes.
  const own = (data: unknown) => ({
    metadata: { rill_training: JSON.stringify({ version: 1, data }) },
    tensors: exported(1, 3).tensors,
  });
  const namesOf = async (data: unknown, given = {}) =>
    (await resolve(own(data), given, "f")).classNames;
  assertEquals(await namesOf({ classes: ["a", "b", "c"] }), ["a", "b", "c"]);
  assertEquals(await namesOf({ classes: ["a", "b", "c"] }, { classes: "x,y,z" }), ["x", "y", "z"]);
  const others = [["a", "b"], ["a", "b", "b"], ["a", "b", 3], 3, null];
  for (const data of [...others.map((classes) => ({ classes })), null, 3]) {
    assertEquals(await namesOf(data), undefined);
  }
  const lenet = await resolve(
    { metadata: {}, tensors: { "net.11.bias": { shape: [3], data: new Float32Array() } } },
    { model: "lenet", classes: "a,b,c" },
    "f",
  );
  assertEquals([lenet.side, lenet.channels, lenet.classNames], [28, 1, ["a", "b", "c"]]);
});

Deno.test("readClassNames() takes words, or the lines of a file", () =>
  withFolder(async (dir) => {
    assertEquals(await readClassNames("a, b,c"), ["a", "b", "c"]);
    await Deno.writeTextFile(`${dir}/names`, "\ufeffone, two\r\nthree\r\n");
    assertEquals(await readClassNames(`${dir}/names`), ["one, two", "three"]);
    const refuse = (given: string, message: string) =>
      assertRejects(() => readClassNames(given), UsageError, message);
    await refuse(`${dir}/none`, "there is no such file, and it takes two names at least");
    await refuse("a,,b", "name 2 is empty");
    await refuse("a,b,a", "a is there twice");
  }));

Deno.test("matchClasses() finds classes by their names", () => {
  const match = (classNames: string[] | undefined, data: string[], count = 3) => {
    const found = matchClasses(
      { classes: count, ...classNames && { classNames } },
      data,
      "f",
      "folder:d",
    );
    return found._tag === "Left" ? found.left.message : found.right.labels;
  };
  assertEquals(match(["a", "b", "c"], ["a", "b", "c"]), undefined);
  assertEquals(match(["a", "b", "c"], ["a", "b"]), undefined);
  assertEquals(match(["a", "b", "c"], ["c", "b"]), [2, 1]);
  assertEquals(
    match(["a", "b", "c"], ["b", "d"]),
    "Cannot evaluate f on folder:d as the model doesn't know the class d: it knows a, b, c",
  );
  assertEquals(match(undefined, ["x", "y", "z"]), undefined);
  assertEquals(
    match(undefined, ["x", "y"]),
    "Cannot evaluate f on folder:d as it tells 3 classes apart, and the data has 2: name them with --classes",
  );
});

Deno.test("evaluate needs nothing but the file: the run's data, divided as the run did, and the model's file", () =>
  withFolder(async (dir) => {
    const classNames = ["ants", "bees", "cats"];
    await writePictures(`${dir}/photos`, classNames, 5);
    const settings = { data: "folder:photos", validation: 0.2, seed: 7, images: 12 };
    await writeCheckpoint(`${dir}/c`, { classNames, settings });
    const evaluate = async (...args: string[]) => {
      const { code, stdout, stderr } = await runTask(
        ["evaluate", "--backend", "wasm", "--checkpoint", "c", ...args],
        { cwd: dir },
      );
      return { code, stdout, stderr, report: code === 0 && JSON.parse(stdout) };
    };
    const held = await evaluate("--json");
    assertEquals([held.report.split, held.report.examples], ["validation", 3], held.stderr);
    assertStringIncludes(held.stderr, "folder:photos has no test images: evaluated on those for");
    const rest = await evaluate("--json", "--split", "train", "--quiet");
    assertEquals([rest.report.examples, rest.stderr], [12, ""]);
    const none = await evaluate("--split", "test");
    assertEquals([none.code, none.stdout], [2, ""]);
    assertStringIncludes(none.stderr, "Cannot use --split test as folder:photos has no such");

    // Other data, whose classes are fewer and in another order, and one that the model doesn't know.
    await writePictures(`${dir}/more`, ["cats", "bees"], 4);
    const more = await evaluate("--json", "--data", "folder:more", "--test-images", "4", "--quiet");
    assertEquals(
      more.report.classes.map(({ examples }: { examples: number }) => examples),
      [0, 2, 2],
    );
    await Deno.rename(`${dir}/more/cats`, `${dir}/more/wasps`);
    const unknown = await evaluate("--data", "folder:more");
    assertEquals(unknown.code, 2);
    assertStringIncludes(unknown.stderr, "the model doesn't know the class wasps: it knows ants,");

    // A broken picture ends it, or is left out.
    await Deno.writeTextFile(`${dir}/photos/ants/0.png`, "no picture");
    const broken = await evaluate("--split", "train", "--data", "folder:photos", "--workers", "0");
    assertEquals([broken.code, broken.stdout], [1, ""]);
    assertStringIncludes(broken.stderr, "photos/ants/0.png");
    const skip = ["--on-bad-record", "skip", "--json"];
    const counts = await Promise.all(
      ["train", "validation"].map(async (split) =>
        (await evaluate(...skip, "--split", split)).report.examples
      ),
    );
    assertEquals(counts[0] + counts[1], 14);
  }));

Deno.test("evaluate asks for a model file that has changed", () =>
  withFolder(async (dir) => {
    const write = (scale: string) =>
      Deno.writeTextFile(
        `${dir}/net.ts`,
        'import { lenet } from "@rill/rill/models";\n' +
          `export default ({ classes }) => lenet({ classes, activation: "${scale}" });\n`,
      );
    await write("relu");
    const bytes = await Deno.readFile(`${dir}/net.ts`);
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
    const classNames = ["ants", "bees"];
    await writePictures(`${dir}/photos`, classNames, 3);
    await writeCheckpoint(`${dir}/c`, {
      classNames,
      model: { name: "net.ts", hash: digest.toHex() },
    });
    const evaluate = (...args: string[]) =>
      runTask(
        ["evaluate", "--backend", "wasm", "--checkpoint", "c", "--data", "folder:photos", "--quiet"]
          .concat("--json", args),
        { cwd: dir },
      );
    const before = await evaluate();
    assertEquals([before.code, before.stderr], [0, ""]);
    await write("sigmoid");
    const changed = await evaluate();
    assertEquals([changed.code, changed.errors.length], [2, 1]);
    assertStringIncludes(
      changed.stderr,
      "its model file net.ts has changed since: name the file to use with --model",
    );
    const named = await evaluate("--model", "net.ts");
    assertEquals(named.code, 0, named.stderr);
    assert(JSON.parse(named.stdout).loss !== JSON.parse(before.stdout).loss);
    await Deno.remove(`${dir}/net.ts`);
    assertStringIncludes(
      (await evaluate()).stderr,
      "Cannot use --model net.ts as there is no such",
    );
  }));
