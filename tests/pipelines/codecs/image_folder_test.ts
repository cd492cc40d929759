import { assert, assertEquals, assertRejects } from "@std/assert";
import { pipe } from "fp-ts/lib/function.js";
import { collect, ImageFolderError, map, readIndexed } from "@rill/rill/pipelines";
import { imageFolder } from "@rill/rill/pipelines/image-folder";
import { testUnless } from "../../_test_unless.ts";
import { utf8 } from "../_sources.ts";
import { withFolder } from "./_with_folder.ts";

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
        `Cannot open image folder ${dir}/data as the link ${dir}/data/${path} leads out of it, ` +
          'which { followLinks: "anywhere" } allows',
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
        `as the link ${dir}/a/c.png leads nowhere`,
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
      `Cannot open image folder ${dir} as the class b has no PNG, JPEG or WebP files: ` +
        `it has 1 of other kinds, such as ${dir}/b/1.txt`,
    );
  });
});

Deno.test("imageFolder() says what it cannot read", async () => {
  const error = await assertRejects(() => imageFolder("/nowhere/at/all"), ImageFolderError);
  assertEquals(
    error.message,
    "Cannot open image folder /nowhere/at/all as there is no such folder",
  );
  assert(error.cause instanceof Error);
  await withFolder(["a/1.png"], {}, async (dir) => {
    const file = await assertRejects(() => imageFolder(`${dir}/a/1.png`), ImageFolderError);
    assertEquals(file.message, `Cannot open image folder ${dir}/a/1.png as it is no folder`);
    const below = await assertRejects(() => imageFolder(`${dir}/a/1.png/b`), ImageFolderError);
    assertEquals(below.message, `Cannot open image folder ${dir}/a/1.png/b as it is no folder`);
  });
});

testUnless(
  (Deno.build.os === "windows" || Deno.uid() === 0) && "whoever runs this may read all files",
  "imageFolder() names the folder that it has no permission to read",
  async () => {
    await withFolder(["a/1.png", "b/1.png"], {}, async (dir) => {
      await Deno.chmod(`${dir}/b`, 0);
      const error = await assertRejects(() => imageFolder(dir), ImageFolderError);
      await Deno.chmod(`${dir}/b`, 0o700);
      assertEquals(
        error.message,
        `Cannot open image folder ${dir} as there is no permission to read ${dir}/b`,
      );
    });
  },
);

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

/** Folders of images, and what torchvision finds in them: `references/make_folders.py` made it. */
const { folders }: {
  readonly folders: readonly {
    readonly name: string;
    readonly files: readonly string[];
    readonly classes: readonly string[];
    readonly samples: readonly (readonly [path: string, label: number])[];
  }[];
} = JSON.parse(
  Deno.readTextFileSync(new URL("../references/folders.json", import.meta.url)),
);

for (const { name, files, classes, samples } of folders) {
  testUnless(
    Deno.build.os !== "linux" && "names are changed here, or the same in upper and lower case",
    `imageFolder() finds what torchvision's ImageFolder does: ${name}`,
    async () => {
      await withFolder(files, {}, async (dir) => {
        const folder = await imageFolder(dir);
        assertEquals(folder.classes, classes);
        assertEquals(folder.paths, samples.map(([path]) => `${dir}/${path}`));
        assertEquals([...folder.labels], samples.map(([, label]) => label));
        for (const [index, [path, label]] of samples.entries()) {
          const image = await folder.get(index);
          assertEquals(image, { bytes: utf8(path), label, path: `${dir}/${path}` });
        }
      });
    },
  );
}

Deno.test("imageFolder() leaves out what is hidden and what systems leave behind", async () => {
  const files = [
    "a/1.png",
    "a/._1.png",
    "a/.hidden.png",
    "a/.ipynb_checkpoints/1-checkpoint.png",
    "a/@eaDir/1.png/SYNOPHOTO_THUMB_M.jpg",
    "a/Thumbs.db",
    "a/.DS_Store",
    "b/2.png",
    ".git/logo.png",
    ".ipynb_checkpoints/1.png",
    "__MACOSX/a/._1.png",
    "@eaDir/1.png",
    "lost+found/",
    ".DS_Store",
  ];
  // Emacs locks a file by such a link.
  const links = { "a/.#1.png": "me@here.123", ".#a": "nothing", "b/.x.png": "/etc/passwd" };
  await withFolder(files, links, async (dir) => {
    const folder = await imageFolder(dir);
    assertEquals(folder.classes, ["a", "b"]);
    assertEquals(folder.paths, [`${dir}/a/1.png`, `${dir}/b/2.png`]);
    const all = await imageFolder(dir, { classes: false });
    assertEquals(all.paths, folder.paths);
    // A class that is asked for by name is no mistake.
    const named = await imageFolder(dir, { classes: ["b", "a", ".git"] });
    assertEquals(named.paths.at(-1), `${dir}/.git/logo.png`);
  });
});

testUnless(noPipes, "imageFolder() says which image is gone, or is something else", async () => {
  await withFolder(["a/1.png", "a/2.png", "b/3.png", "b/4.png"], {}, async (dir) => {
    const folder = await imageFolder(dir);
    await Deno.remove(`${dir}/a/1.png`);
    await Deno.remove(`${dir}/a/2.png`);
    await Deno.mkdir(`${dir}/a/2.png`);
    await Deno.remove(`${dir}/b/3.png`);
    await new Deno.Command("mkfifo", { args: [`${dir}/b/3.png`] }).output();
    const reasons = ["it is no longer there", "it is no longer a file", "it is no longer a file"];
    for (const [index, reason] of reasons.entries()) {
      const image = folder.paths[index]!;
      const error = await assertRejects(() => folder.get(index), ImageFolderError);
      assertEquals(error.message, `Cannot read image ${image} as ${reason}`);
      assertEquals([error.path, error.image], [dir, image]);
    }
    assertEquals((await folder.get(3)).bytes, utf8("b/4.png"));
    await Deno.remove(`${dir}/b`, { recursive: true });
    await Deno.writeTextFile(`${dir}/b`, "");
    await assertRejects(() => folder.get(3), ImageFolderError, "as it is no longer there");
  });
});
