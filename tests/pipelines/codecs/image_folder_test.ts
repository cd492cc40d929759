import { assert, assertEquals, assertRejects } from "@std/assert";
import { pipe } from "fp-ts/lib/function.js";
import { collect, ImageFolderError, map, readIndexed } from "@rill/rill/pipelines";
import { imageFolder } from "@rill/rill/pipelines/image-folder";
import { testUnless } from "../../_test_unless.ts";
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
      folder,
      readIndexed(),
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
  for (const target of ["nothing", "c.png", "1.png/c", "/nowhere/c.png"]) {
    await withFolder(["a/1.png"], { "a/c.png": target }, async (dir) => {
      await assertRejects(
        () => imageFolder(dir),
        ImageFolderError,
        `it cannot be read: the link ${dir}/a/c.png leads nowhere`,
      );
    });
  }
});

Deno.test("imageFolder() leaves out links that are neither folders nor images, wherever they lead", async () => {
  const links: Record<string, string> = {
    // Emacs locks a file by such a link.
    "data/a/.#1.png.lock": "me@here.123",
    "data/a/README": "../../README",
    "data/a/notes.txt": "/etc/passwd",
    "data/a/null": "/dev/null",
    "data/a/c": "c",
    "data/a/d": "1.png/d",
    "data/gone": "nothing",
    "data/README": "../README",
    // Images lie in classes.
    "data/1.png": "../README",
    "data/2.png": "nothing",
  };
  const files = ["README", "data/a/1.png", "data/b/2.png"];
  await withFolder(files, links, async (dir) => {
    const folder = await imageFolder(`${dir}/data`);
    assertEquals(folder.classes, ["a", "b"]);
    assertEquals(folder.length, 2);
  });
});

const noPipes = Deno.build.os === "windows" && "no pipes in folders on Windows";

testUnless(
  noPipes,
  "imageFolder() leaves out what is no file, also with an image's name",
  async () => {
    await withFolder(
      ["a/1.png", "a/folder.png/2.png", "a/empty.png/"],
      { "a/0.png": "/dev/zero" },
      async (dir) => {
        const { success } = await new Deno.Command("mkfifo", { args: [`${dir}/a/pipe.png`] })
          .output();
        assert(success);
        const folder = await imageFolder(dir);
        const paths = (await collect(readIndexed()(folder))).map(({ path }) => path);
        assertEquals(paths, [`${dir}/a/1.png`, `${dir}/a/folder.png/2.png`]);
      },
    );
  },
);

testUnless(
  Deno.build.os !== "linux" && "file names are UTF-8 here",
  "imageFolder() refuses names that are not UTF-8, where they are folders' or images'",
  async () => {
    const refused = [
      [`: > "$1/a/$(printf '\\351').png"`, "a/\uFFFD.png"],
      [`mkdir "$1/$(printf '\\351cole')"`, "\uFFFDcole"],
      [`mkdir "$1/a/$(printf '\\351cole')"`, "a/\uFFFDcole"],
      [`ln -s 1.png "$1/a/$(printf '\\351').png"`, "a/\uFFFD.png"],
      [`ln -s ../b "$1/a/$(printf '\\351')"`, "a/\uFFFD"],
      // The name that it is listed by is another file's, or folder's.
      [`: > "$1/a/\uFFFD.png"; : > "$1/a/$(printf '\\351').png"`, "a/\uFFFD.png"],
      [`mkdir "$1/\uFFFD" "$1/$(printf '\\351')"`, "\uFFFD"],
    ] as const;
    const accepted = [`: > "$1/a/$(printf '\\351').txt"`, ': > "$1/a/\uFFFD.png"'];
    const make = async (dir: string, script: string) => {
      const { success } = await new Deno.Command("sh", { args: ["-c", script, "sh", dir] })
        .output();
      assert(success, script);
    };
    for (const [script, name] of refused) {
      await withFolder(["a/1.png", "b/1.png"], {}, async (dir) => {
        await make(dir, script);
        await assertRejects(
          () => imageFolder(dir),
          ImageFolderError,
          `as the name of ${dir}/${name} is not UTF-8, so that it cannot be read`,
        );
        await make(dir, 'rm -r "$1"/a/* "$1"/*');
      });
    }
    await withFolder(["a/1.png"], {}, async (dir) => {
      for (const script of accepted) await make(dir, script);
      const folder = await imageFolder(dir);
      assertEquals((await folder.get(1)).path, `${dir}/a/\uFFFD.png`);
      await make(dir, 'rm -r "$1"/a');
    });
  },
);

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
