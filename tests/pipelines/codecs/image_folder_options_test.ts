import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { ImageFolderError } from "@rill/rill/pipelines";
import { imageFolder } from "@rill/rill/pipelines/image-folder";
import { utf8 } from "../_sources.ts";
import { withFolder } from "./_with_folder.ts";

Deno.test("imageFolder() follows links anywhere where it may", async () => {
  const files = ["x/1.png", "y/b/2.png", "data/a/3.png"];
  const links = { "data/a/1.png": "../../x/1.png", "data/b": "../y/b", "data/c": "a" };
  await withFolder(files, links, async (dir) => {
    await assertRejects(() => imageFolder(`${dir}/data`), ImageFolderError, "leads out of it");
    const folder = await imageFolder(`${dir}/data`, { followLinks: "anywhere" });
    assertEquals(folder.classes, ["a", "b", "c"]);
    assertEquals(
      folder.paths.map((path) => path.slice(dir.length)),
      ["/data/a/1.png", "/data/a/3.png", "/data/b/2.png", "/data/c/1.png", "/data/c/3.png"],
    );
    assertEquals((await folder.get(0)).bytes, utf8("x/1.png"));
    assertEquals((await folder.get(2)).bytes, utf8("y/b/2.png"));
    await Deno.symlink("..", `${dir}/y/b/up`);
    await Deno.symlink("../data", `${dir}/y/data`);
    await assertRejects(
      () => imageFolder(`${dir}/data`, { followLinks: "anywhere" }),
      ImageFolderError,
      "leads back to a folder above it",
    );
    await assertRejects(
      () => imageFolder(dir, { followLinks: "outside" as "inside" }),
      RangeError,
      `Cannot open image folder ${dir} with links followed outside: ` +
        'it must be "inside" or "anywhere"',
    );
  });
});

Deno.test("imageFolder() reads a folder of links, however many", async () => {
  const links: Record<string, string> = {};
  for (let i = 100; i < 500; i++) links[`data/a/${i}.png`] = "../../all/1.png";
  await withFolder(["all/1.png", "data/a/0.png"], links, async (dir) => {
    const folder = await imageFolder(`${dir}/data`, { followLinks: "anywhere" });
    assertEquals(folder.length, 401);
    assertEquals(folder.paths.slice(0, 2), [`${dir}/data/a/0.png`, `${dir}/data/a/100.png`]);
  });
});

Deno.test("imageFolder() reads images without classes, flat or nested", async () => {
  const files = ["b.png", "a.JPG", "notes.txt", "x/2.png", "x/y/1.webp", "x-1/3.png"];
  await withFolder(files, {}, async (dir) => {
    const folder = await imageFolder(dir, { classes: false });
    assertEquals(
      folder.paths.map((path) => path.slice(dir.length + 1)),
      ["a.JPG", "b.png", "x/2.png", "x-1/3.png", "x/y/1.webp"],
    );
    assertEquals([folder.length, folder.classes, [...folder.labels]], [5, [], Array(5).fill(-1)]);
    assertEquals((await folder.get(3)).label, -1);
    assertEquals(folder.others, { count: 1, example: `${dir}/notes.txt` });
    const flat = await imageFolder(`${dir}/x-1`, { classes: false });
    assertEquals([flat.paths, flat.others], [[`${dir}/x-1/3.png`], { count: 0 }]);
  });
  await withFolder(["a.heic", "b/c.heic"], {}, async (dir) => {
    const error = await assertRejects(
      () => imageFolder(dir, { classes: false }),
      ImageFolderError,
    );
    assertEquals(
      error.message,
      `Cannot open image folder ${dir} as it has no PNG, JPEG or WebP files: ` +
        `it has 2 of other kinds, such as ${dir}/a.heic`,
    );
  });
});

Deno.test("imageFolder() takes the classes of another folder, in their order", async () => {
  const files = ["train/c/1.png", "train/a/1.png", "train/b/1.png", "val/b/1.png", "val/c/1.png"];
  await withFolder([...files, "val/a/"], {}, async (dir) => {
    const { classes } = await imageFolder(`${dir}/train`);
    const val = await imageFolder(`${dir}/val`, { classes });
    assertEquals([val.classes, [...val.labels]], [["a", "b", "c"], [1, 2]]);
    const reversed = await imageFolder(`${dir}/val`, { classes: classes.toReversed() });
    assertEquals([...reversed.labels], [0, 1]);
    assertEquals(reversed.paths[0], `${dir}/val/c/1.png`);

    for (const name of ["d", "e"]) await Deno.mkdir(`${dir}/val/${name}`);
    await Deno.writeTextFile(`${dir}/val/e/1.png`, "");
    const refused = await assertRejects(
      () => imageFolder(`${dir}/val`, { classes }),
      ImageFolderError,
    );
    assertEquals(
      refused.message,
      `Cannot open image folder ${dir}/val as the classes d and e ` +
        "are not among the 3 given ones",
    );
    for (const name of "fghij") await Deno.mkdir(`${dir}/val/${name}`);
    await assertRejects(
      () => imageFolder(`${dir}/val`, { classes }),
      ImageFolderError,
      "the classes d, e, f, g, h and 2 more are not among the 3 given ones",
    );
    await assertRejects(
      () => imageFolder(`${dir}/train`, { classes: ["a", "c"] }),
      ImageFolderError,
      "the class b is not among the 2 given ones",
    );
    await assertRejects(
      () => imageFolder(`${dir}/train`, { classes: ["a", "b", "c", "a"] }),
      RangeError,
      `Cannot open image folder ${dir}/train with the class a twice`,
    );
  });
});

Deno.test("imageFolder() allows empty classes where it is told to, but not all of them", async () => {
  await withFolder(["a/1.png", "b/", "c/2.png"], {}, async (dir) => {
    await assertRejects(() => imageFolder(dir), ImageFolderError, "the class b has no PNG");
    const folder = await imageFolder(dir, { allowEmpty: true });
    assertEquals([folder.classes, [...folder.labels]], [["a", "b", "c"], [0, 2]]);
  });
  await withFolder(["a/", "b/"], {}, async (dir) => {
    for (const options of [{ allowEmpty: true }, { classes: ["a", "b", "c"] }]) {
      await assertRejects(
        () => imageFolder(dir, options),
        ImageFolderError,
        `Cannot open image folder ${dir} as none of its classes has PNG, JPEG or WebP files`,
      );
    }
  });
});

Deno.test("imageFolder() ends with a signal's reason, before it begins and while it lists", async () => {
  const files = Array.from({ length: 60 }, (_, i) => `a/${i % 30}/${i}.png`);
  await withFolder(files, {}, async (dir) => {
    const reason = new Error("no more");
    const refused = await imageFolder(dir, { signal: AbortSignal.abort(reason) }).catch((e) => e);
    assertStrictEquals(refused, reason);
    const controller = new AbortController();
    const opening = imageFolder(dir, { signal: controller.signal });
    controller.abort(reason);
    assertStrictEquals(await opening.catch((error) => error), reason);
    assertEquals((await imageFolder(dir, { signal: new AbortController().signal })).length, 60);
  });
});
