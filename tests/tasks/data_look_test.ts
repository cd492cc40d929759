import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { decodeImageBytes } from "@rill/rill/pipelines/decode-image";
import { drawContactSheet, SIDE } from "../../tasks/_data/look/contact_sheet.ts";
import { listPixels } from "../../tasks/_data/look/font.ts";
import { encodePng } from "../../pipelines/codecs/encode_png.ts";
import { colored, picture, png, tar, writeFiles } from "./_pictures.ts";
import { runTask, withFolder } from "./_task.ts";

/** Writes a folder in which there is something of everything. */
async function writePhotos(dir: string): Promise<void> {
  await writeFiles(dir, {
    "photos/train/ants/1.png": await png(1, 8),
    "photos/train/ants/2.png": await png(2, 10),
    "photos/train/ants/3.png": await encodePng(colored(3, 12)),
    "photos/train/ants/4.jpg": "no picture",
    "photos/train/ants/5.png": await png(1, 8), // 1 again
    "photos/train/ants/6.png": await png(6, 8),
    "photos/train/ants/.DS_Store": "",
    "photos/train/bees/7.png": await png(7, 6),
    "photos/train/bees/8.png": await png(2, 10), // 2 again, of another class
    "photos/test/ants/9.png": await png(6, 8), // 6 again
    "photos/test/bees/10.png": await png(10, 8),
  });
}

Deno.test("data looks at a folder, and says what is wrong with it", () =>
  withFolder(async (dir) => {
    await writePhotos(dir);
    const args = ["data", "--data", "folder:photos"];
    const { code, stdout, stderr } = await runTask([...args, "--quiet"], { cwd: dir });
    assertEquals([code, stderr], [0, ""]);
    assertEquals(stdout.trimEnd().split("\n"), [
      "folder:photos: 2 classes, 8 train + 2 test records",
      "",
      "class  train                              test",
      "-----  -----  --------------------------  ----",
      "ants       6  [########################]     1",
      "bees       2  [########................]     1",
      "",
      "sizes: 6 x 6 (width x height) to 12 x 12, median 8 x 8",
      "channels: gray 8, RGB 1",
      "stored as: PNG 9",
      "broken (--on-bad-record skip leaves them out): 1: photos/train/ants/4.jpg (it is neither PNG, " +
      "JPEG nor WebP: it begins with 6e 6f 20 70 69 63 74 75)",
      "the same picture twice: 2: photos/train/ants/5.png is photos/train/ants/1.png, " +
      "photos/train/bees/8.png is photos/train/ants/2.png",
      "LEAK, the same picture in two splits: 1: photos/test/ants/9.png is photos/train/ants/6.png",
      "the same picture in two classes: 1: photos/train/bees/8.png is photos/train/ants/2.png",
      "unequal classes: the largest has 3.0 times the records of the smallest; --balance draws all " +
      "equally often, --class-weights has all count alike",
    ]);
  }));

Deno.test("data looks at what cannot be trained on, and says so", () =>
  withFolder(async (dir) => {
    await writeFiles(dir, {
      "rows.csv": "path,label,split\n1.png,a,train\n2.png,b,test\n",
      "1.png": await png(1),
      "2.png": await png(2),
    });
    const { code, stdout, stderr } = await runTask(["data", "--data", "csv:rows.csv"], {
      cwd: dir,
    });
    assertEquals(code, 0, stderr);
    assertEquals(stdout.trimEnd().split("\n").slice(-2), [
      "cannot be trained on as its class b is in the test split only: there is nothing to learn it from",
      "cannot be trained on as it has one class only, a: a classifier needs at least two",
    ]);
  }));

Deno.test("data prints JSON, the same with any number of workers, and draws a contact sheet", () =>
  withFolder(async (dir) => {
    await writePhotos(dir);
    const results = [];
    for (const workers of ["0", "2"]) {
      const { code, stdout, stderr } = await runTask(
        ["data", "--data", "folder:photos", "--json", "--workers", workers, "--sheet", "sheet.png"],
        { cwd: dir },
      );
      assertEquals(code, 0, stderr);
      assertMatch(stderr, /^data: folder:photos, .*\ncontact sheet: written to sheet\.png\n$/);
      results.push({ report: JSON.parse(stdout), sheet: await Deno.readFile(`${dir}/sheet.png`) });
    }
    assertEquals(results[1], results[0]);
    const { report, sheet } = results[0]!;
    assertEquals(report.classes, ["ants", "bees"]);
    assertEquals(report.splits[0], { name: "train", records: 8, byClass: [6, 2] });
    assertEquals(report.broken.count, 1);
    assertEquals(report.leaked.first, [
      { first: "photos/train/ants/6.png", second: "photos/test/ants/9.png" },
    ]);
    const { height, width, channels } = await decodeImageBytes(sheet);
    assertEquals([height, width, channels], [2 * (SIDE + 22), 8 * 68 + 4, 3]);
    await Deno.writeTextFile(`${dir}/notes.txt`, "mine");
    const refused = await runTask(["data", "--data", "folder:photos", "--sheet", "notes.txt"], {
      cwd: dir,
    });
    assertEquals([refused.code, await Deno.readTextFile(`${dir}/notes.txt`)], [1, "mine"]);
  }));

Deno.test("data looks at shards and at Fashion-MNIST, and at a wrong spec it says what is meant", () =>
  withFolder(async (dir) => {
    await writeFiles(dir, {
      "a.tar": await tar({
        "1.cls": "cat",
        "1.png": await png(1),
        "2.cls": "dog",
        "2.png": "none",
      }),
    });
    const env = { XDG_CACHE_HOME: `${dir}/cache`, DENO_DIR: await denoDir() };
    const shards = await runTask(["data", "--data", "shards:*.tar"], { cwd: dir, env });
    assertEquals(shards.code, 0, shards.stderr);
    assertMatch(shards.stderr, /1 of 1 shards were counted/);
    assertMatch(shards.stdout, /^broken .*: 1: a\.tar: 2 \(it is neither/m);
    const again = await runTask(["data", "--data", "shards:*.tar"], { cwd: dir, env });
    const counts = "data: shards:*.tar, 2 images of 2 classes\n";
    assertEquals([again.stdout, again.stderr], [shards.stdout, counts]);
    const whole = await Deno.readFile(`${dir}/a.tar`);
    let end = whole.length;
    while (whole[end - 1] === 0) end--;
    await writeFiles(dir, { "short/b.tar": whole.slice(0, Math.ceil(end / 512) * 512) });
    const short = await runTask(["data", "--data", "shards:short/b.tar"], { cwd: dir, env });
    assertEquals(
      short.stderr.match(/warning: in the tar stream .*/gi)?.map((line) => line.slice(0, 7)),
      [
        "warning",
      ],
      "said once, though it is read twice",
    );
    const wrong = await runTask(["data", "--data", "foldr:x"]);
    assertEquals([wrong.code, wrong.errors.length], [2, 1]);
    assertStringIncludes(wrong.errors[0]!, "did you mean folder:DIR?");
    const fashion = await runTask(["data", "--data", "fashion-mnist", "--images", "50", "--json"]);
    assertEquals(JSON.parse(fashion.stdout).sizes.median, { height: 28, width: 28 });
  }));

/** The folder in which Deno keeps what it has loaded, which is in the cache directory too. */
async function denoDir(): Promise<string> {
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json"] }).output();
  return JSON.parse(new TextDecoder().decode(stdout)).denoDir;
}

Deno.test("drawContactSheet() has a row for each class, and cuts a name that is too long", () => {
  const image = { ...colored(1, SIDE) };
  const sheet = drawContactSheet(["a", "b", "x".repeat(500)], [{ label: 1, image }], 2);
  assertEquals([sheet.height, sheet.width], [3 * (SIDE + 22), 8 * 68 + 4]);
  const at = (row: number, column: number) => sheet.data[3 * (row * sheet.width + column)];
  // The first pixel of the picture, in the row of its class.
  assertEquals(at(SIDE + 22 + 18, 4), image.data[0]);
  assertEquals(at(18, 4), 32);
  assert(sheet.data.includes(224));
});

Deno.test("listPixels() draws letters without their accents, and a question mark for others", () => {
  const draw = (text: string) => {
    const rows = Array.from({ length: 5 }, () => [..." ".repeat(4 * text.length)]);
    for (const [column, row] of listPixels(text)) rows[row]![column] = "#";
    return rows.map((row) => row.join("").trimEnd());
  };
  assertEquals(draw("aT7"), [
    " #  ### ###",
    "# #  #    #",
    "###  #   #",
    "# #  #   #",
    "# #  #   #",
  ]);
  assertEquals(draw("é"), draw("E"));
  assertEquals(draw("お"), draw("?"));
  const shapes = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ123456789"].map((letter) =>
    draw(letter).join("\n")
  );
  assertEquals(new Set(shapes).size, shapes.length);
});

Deno.test("encodePng() writes what decodes to the same pixels", async () => {
  for (const image of [picture(1, 7), colored(2, 9), picture(3, 1)]) {
    assertEquals(await decodeImageBytes(await encodePng(image)), image);
  }
});
