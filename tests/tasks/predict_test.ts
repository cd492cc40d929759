import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { findNewestRun } from "../../tasks/_predict/find_newest_run.ts";
import { listPictures } from "../../tasks/_predict/list_pictures.ts";
import { formatPrediction, rankClasses } from "../../tasks/_predict/print_prediction.ts";
import { UsageError } from "../../tasks/_cli/errors.ts";
import { writeCheckpoint, writePictures } from "./_checkpoints.ts";
import { root, runTask, withFolder } from "./_task.ts";

Deno.test("rankClasses() gives the likeliest classes, also of logits that no exponential holds", () => {
  const names = ["a", "b"];
  const scores = { data: Float32Array.of(0, Math.log(3), 2000, 1000), shape: [2, 2] };
  assertEquals(rankClasses(scores, [1, 0, 0, 1], names), [
    [{ class: "b", probability: 0.75 }, { class: "a", probability: 0.25 }],
    [{ class: "a", probability: 1 }, { class: "b", probability: 0 }],
  ]);
  assertEquals(rankClasses(scores, [1, 0], names).map((row) => row.length), [1, 1]);
  const broken = { data: Float32Array.of(NaN, 1), shape: [1, 2] };
  assertEquals(rankClasses(broken, [0], names), [[{ class: "a", probability: null }]]);
  assertEquals(rankClasses({ data: [], shape: [0, 2] }, [], names), []);
});

Deno.test("formatPrediction() prints bars, lines of JSON and CSV", () => {
  const predictions = [{ class: "cat", probability: 0.75 }, {
    class: 'a, "b"',
    probability: null,
  }];
  const prediction = { file: "x\n.png", predictions };
  assertEquals(formatPrediction(prediction, "table", true).split("\n"), [
    "x\\u000a.png",
    "  cat     [##################......]  75.0 %",
    '  a, "b"  [........................]   NaN %',
  ]);
  assertEquals(formatPrediction(prediction, "table", false)[0], "\n");
  assertEquals(JSON.parse(formatPrediction(prediction, "json", true)), prediction);
  assertEquals(
    formatPrediction(prediction, "csv", true),
    '"x\n.png",1,cat,0.75\n"x\n.png",2,"a, ""b""",',
  );
});

Deno.test("listPictures() takes files as they are, folders whole, and says what it can't take", () =>
  withFolder(async (dir) => {
    await writePictures(dir, ["b", "a"], 2);
    await Deno.writeTextFile(`${dir}/a/.hidden.png`, "");
    await Deno.writeTextFile(`${dir}/a/notes.txt`, "");
    await Deno.mkdir(`${dir}/empty`);
    const list = async (...words: string[]) => {
      const { pictures, problems } = await listPictures(words);
      return [
        pictures.map(({ name }) => name.replace(dir, "")),
        problems.map((line) => line.replaceAll(dir, "")),
      ];
    };
    assertEquals(await list(dir), [["/a/0.png", "/a/1.png", "/b/0.png", "/b/1.png"], []]);
    assertEquals(await list(`${dir}/a/notes.txt`, "-"), [["/a/notes.txt", "standard input"], []]);
    assertEquals(await list(`${dir}/none.png`, `${dir}/empty`, `${dir}/b/0.png`), [["/b/0.png"], [
      "error: Cannot predict /none.png as there is no such file",
      "error: Cannot predict /empty as it has no PNG, JPEG or WebP files",
    ]]);
    await assertRejects(() => listPictures([]), UsageError, "name files or folders, or -");
    await assertRejects(() => listPictures(["-", "-"]), UsageError, "standard input is read once");
  }));

Deno.test("findNewestRun() takes the best that was saved last", () =>
  withFolder(async (dir) => {
    await assertRejects(
      () => findNewestRun("predict", `${dir}/none`),
      UsageError,
      "without --checkpoint",
    );
    for (const [name, time] of [["a", 3], ["b", 5], ["c", 4]] as const) {
      await Deno.mkdir(`${dir}/${name}`);
      await Deno.writeTextFile(`${dir}/${name}/best.safetensors`, "");
      await Deno.utime(`${dir}/${name}/best.safetensors`, time, time);
    }
    await Deno.mkdir(`${dir}/begun`);
    assertEquals(await findNewestRun("predict", dir), `${dir}/b`);
  }));

Deno.test("predict tells the same of pictures as evaluate, in any form, and goes on over broken ones", () =>
  withFolder(async (dir) => {
    const classNames = ["ants", "bees", "cats", "dogs", "eels", "frogs"];
    const checkpoint = ["--checkpoint", `${dir}/runs/a`, "--quiet"];
    await Deno.mkdir(`${dir}/runs/a`, { recursive: true });
    await writeCheckpoint(`${dir}/runs/a/best.safetensors`, { classNames });
    await writePictures(`${dir}/photos`, ["bees", "dogs"], 20);
    const wasm = ["--backend", "wasm"];
    const evaluated = await runTask(
      ["evaluate", ...checkpoint, ...wasm, "--data", `folder:${dir}/photos`, "--json"]
        .concat("--save-logits", `${dir}/a.npy`),
    );
    assertEquals([evaluated.code, evaluated.stderr], [0, ""]);
    const report = JSON.parse(evaluated.stdout);
    assertEquals([report.examples, report.classes.length], [40, 6]);
    assertEquals(report.classes.map(({ examples }: { examples: number }) => examples), [
      ...[0, 20, 0],
      ...[20, 0, 0],
    ]);

    // More pictures than are few, so that workers decode them; the broken one's place stays free.
    await Deno.writeTextFile(`${dir}/photos/bees/x.png`, "no picture");
    const predicted = await runTask(
      ["predict", ...checkpoint, ...wasm, "--json", "--top", "2", "photos"]
        .concat("--save-logits", `${dir}/b.npy`),
      { cwd: dir },
    );
    assertEquals(predicted.code, 1);
    assertEquals(predicted.stderr.trim().split("\n").length, 1, predicted.stderr);
    assertStringIncludes(
      predicted.stderr,
      "error: Cannot predict photos/bees/x.png as it is neither PNG, JPEG nor WebP",
    );
    assertEquals(await Deno.readFile(`${dir}/b.npy`), await Deno.readFile(`${dir}/a.npy`));
    const lines = predicted.stdout.trim().split("\n").map((line) => JSON.parse(line));
    assertEquals(lines.map(({ file }) => file).slice(18, 22), [
      ...["photos/bees/8.png", "photos/bees/9.png"],
      ...["photos/dogs/0.png", "photos/dogs/1.png"],
    ]);
    assert(lines.every(({ predictions }) => predictions.length === 2));
    const hits = lines.filter(({ file, predictions: [first] }) => file.includes(first.class));
    assertEquals(hits.length / 40, report.accuracy);

    // One alone is told the same, by the newest run, on WASM without being asked.
    const one = await runTask(["predict", "--top", "2", "photos/dogs/0.png"], { cwd: dir });
    assertEquals(one.code, 0, one.stderr);
    const [name, first = ""] = one.stdout.split("\n");
    const [best] = lines[20].predictions;
    assertEquals(name, "photos/dogs/0.png");
    assertMatch(first, new RegExp(`^  ${best.class} +\\[#+\\.*\\] +[\\d.]+ %$`));
    assertStringIncludes(first, `${(best.probability * 100).toFixed(1)} %`);
    assertStringIncludes(one.stderr, "soonest ready for few pictures");
    assertStringIncludes(one.stderr, "from runs/a/best.safetensors, of the newest run");
  }));

Deno.test("predict takes JPEG and WebP, gray for color, and bytes on standard input", () =>
  withFolder(async (dir) => {
    await writeCheckpoint(`${dir}/c`, { classNames: ["a", "b"] });
    const corpus = `${root}tasks/_fuzz/corpus`;
    const find = async (format: string) => {
      const files = await Array.fromAsync(Deno.readDir(`${corpus}/${format}`));
      return `${corpus}/${format}/${files.map(({ name }) => name).sort()[0]}`;
    };
    const [jpeg, webp] = [await find("jpeg"), await find("webp")];
    const predict = ["predict", "--checkpoint", `${dir}/c`, "--quiet", "--csv", "--top", "1"];
    const { code, stdout, stderr } = await runTask([...predict, jpeg, webp]);
    assertEquals([code, stderr], [0, ""]);
    const [head, ...rows] = stdout.trim().split("\n");
    assertEquals(head, "file,rank,class,probability");
    assertEquals(rows.map((row) => row.split(",")[0]), [jpeg, webp]);

    const process = new Deno.Command(Deno.execPath(), {
      args: ["task", "--quiet", ...predict, "-"],
      cwd: root,
      env: { NO_COLOR: "1", INIT_CWD: root },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const writer = process.stdin.getWriter();
    await writer.write(await Deno.readFile(jpeg));
    await writer.close();
    const piped = new TextDecoder().decode((await process.output()).stdout);
    assertEquals(piped, stdout.split("\n", 2).join("\n").replace(jpeg, "standard input") + "\n");
  }));

Deno.test("predict says in one line what it can't do", () =>
  withFolder(async (dir) => {
    const fails = async (args: readonly string[], code: number, message: string) => {
      const result = await runTask(["predict", ...args], { cwd: dir });
      assertEquals([result.code, result.stdout, result.errors.length], [code, "", 1], args[0]);
      assertStringIncludes(result.errors[0]!, message);
    };
    await writeCheckpoint(`${dir}/c`, { classNames: ["a", "b"] });
    await fails([], 2, "Cannot predict without pictures: name files or folders");
    await fails(["x.png"], 2, "Cannot predict without --checkpoint FILE: no run under runs/");
    await fails(["--checkpoint", "c", "x.png", "--json", "--csv"], 2, "--csv with --json");
    await fails(["--checkpoint", "none", "x.png"], 1, "Cannot read none as there is no such file");
    await fails(["--checkpoint", "c", "x.png"], 1, "Cannot predict x.png as there is no such file");
    await fails(["--checkpoint", "c", "--side", "32", "c"], 2, "as c was trained with 28");
    await fails(["--checkpoint", "c", "--tops", "3", "c"], 2, "did you mean --top?");
  }));
