import { assert, assertEquals, assertRejects } from "@std/assert";
import { pipe } from "fp-ts/lib/function.js";
import { collect, ImageFolderError, map, readIndexed } from "@rill/rill/pipelines";
import { imageFolder } from "@rill/rill/pipelines/image-folder";
import { utf8 } from "../_sources.ts";

/** A directory of files, each with its own path as content, and of links. */
async function withFolder(
  files: readonly string[],
  links: Readonly<Record<string, string>>,
  test: (dir: string) => Promise<void>,
): Promise<void> {
  const dir = await Deno.makeTempDir({ prefix: "rill-images-" });
  try {
    for (const file of files) {
      const path = `${dir}/${file}`;
      await Deno.mkdir(path.replace(/\/[^/]*$/, ""), { recursive: true });
      if (!file.endsWith("/")) await Deno.writeTextFile(path, file);
    }
    for (const [path, target] of Object.entries(links)) {
      await Deno.symlink(target, `${dir}/${path}`);
    }
    await test(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test("imageFolder() has torchvision's classes, files and order", async () => {
  const files = [
    "cat/b.png",
    "cat/a.JPG",
    "cat/a/z.webp",
    "cat/a-b/y.jpeg",
    "cat/notes.txt",
    "cat/c.gif",
    "Bee/10.png",
    "Bee/9.png",
    "🎒/1.png",
    "ﬀ/1.png",
    "readme.png",
  ];
  await withFolder(files, {}, async (dir) => {
    const folder = await imageFolder(dir);
    assertEquals(folder.classes, ["Bee", "cat", "ﬀ", "🎒"]);
    const items = await collect(pipe(
      readIndexed(folder),
      map(({ bytes, label, path }) => {
        assertEquals(path, `${dir}/${new TextDecoder().decode(bytes)}`);
        return [path!.slice(dir.length + 1), label] as const;
      }),
    ));
    // As of Python's sorted(os.walk(…)): folders are sorted as whole paths, and `-` comes before `/`.
    assertEquals(items, [
      ["Bee/10.png", 0],
      ["Bee/9.png", 0],
      ["cat/a.JPG", 1],
      ["cat/b.png", 1],
      ["cat/a/z.webp", 1],
      ["cat/a-b/y.jpeg", 1],
      ["ﬀ/1.png", 2],
      ["🎒/1.png", 3],
    ]);
    assertEquals(folder.length, 8);
  });
});

Deno.test("imageFolder() follows links within the directory", async () => {
  await withFolder(["a/1.png", "b/2.png"], { "b/3.png": "../a/1.png", c: "a" }, async (dir) => {
    const folder = await imageFolder(dir);
    assertEquals(folder.classes, ["a", "b", "c"]);
    const { bytes, label, path } = await folder.get(2);
    assertEquals([bytes, label, path], [utf8("a/1.png"), 1, `${dir}/b/3.png`]);
    assertEquals(folder.length, 4);
  });
});

Deno.test("imageFolder() refuses links that lead out of the directory", async () => {
  await withFolder(["secret.png", "data/a/1.png", "data-2/b.png"], {}, async (dir) => {
    const refuses = async (path: string, target: string) => {
      await Deno.symlink(target, `${dir}/data/${path}`);
      const error = await assertRejects(() => imageFolder(`${dir}/data`), ImageFolderError);
      assertEquals(
        error.message,
        `Cannot open image folder ${dir}/data as the link ${dir}/data/${path} leads out of it`,
      );
      assertEquals(error.path, `${dir}/data`);
      await Deno.remove(`${dir}/data/${path}`);
    };
    await refuses("a/2.png", "../../secret.png");
    await refuses("a/2.png", `${dir}/secret.png`);
    await refuses("b", "../data-2");
    await refuses("a/deep", "/etc");

    const folder = await imageFolder(`${dir}/data`);
    await Deno.remove(`${dir}/data/a/1.png`);
    await Deno.symlink("../../secret.png", `${dir}/data/a/1.png`);
    await assertRejects(() => folder.get(0), ImageFolderError, "leads out of it");
  });
});

Deno.test("imageFolder() refuses links that go round in circles, or nowhere", async () => {
  await withFolder(["a/b/1.png"], { "a/b/c": "../../a" }, async (dir) => {
    await assertRejects(
      () => imageFolder(dir),
      ImageFolderError,
      "leads back to a folder above it",
    );
  });
  await withFolder(["a/1.png"], { "a/c": "c" }, async (dir) => {
    await assertRejects(() => imageFolder(dir), ImageFolderError, "it cannot be read: ");
  });
  await withFolder(["a/1.png"], { "a/c.png": "nothing" }, async (dir) => {
    await assertRejects(() => imageFolder(dir), ImageFolderError, "it cannot be read: ");
  });
});

Deno.test("imageFolder() refuses a directory without classes, and a class without images", async () => {
  await withFolder(["1.png"], {}, async (dir) => {
    await assertRejects(
      () => imageFolder(dir),
      ImageFolderError,
      `Cannot open image folder ${dir} as it has no subfolders, which would be the classes`,
    );
  });
  await withFolder(["a/1.png", "b/1.txt"], {}, async (dir) => {
    await assertRejects(
      () => imageFolder(dir),
      ImageFolderError,
      `Cannot open image folder ${dir} as the class b has no PNG, JPEG or WebP files`,
    );
  });
});

Deno.test("imageFolder() says what it cannot read", async () => {
  const error = await assertRejects(
    () => imageFolder("/nowhere/at/all"),
    ImageFolderError,
    "Cannot open image folder /nowhere/at/all as it cannot be read: ",
  );
  assert(error.cause instanceof Error);
});

Deno.test("imageFolder() refuses an invalid index", async () => {
  await withFolder(["a/1.png"], {}, async (dir) => {
    const folder = await imageFolder(dir);
    for (const index of [-1, 1, 0.5]) {
      await assertRejects(
        () => folder.get(index),
        RangeError,
        `Cannot read image ${index} of 1: the index must be an integer from 0 to 0`,
      );
    }
  });
});
