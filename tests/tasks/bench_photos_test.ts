import { assert, assertEquals } from "@std/assert";
import { formatPhotos } from "../../tasks/_bench/decode/bench_photos.ts";
import { decodePhotos, loadPhotos, measureUse } from "../../tasks/_bench/decode/rill_photos.ts";
import { imageFile } from "../pipelines/_sources.ts";
import { writeFiles } from "./_pictures.ts";
import { withFolder } from "./_task.ts";

Deno.test("formatPhotos() tells pictures a second and processors' time, and compares round by round", () => {
  const uses = (...all: number[]) => all.map((seconds) => ({ seconds, processors: 2 * seconds }));
  const text = formatPhotos({
    machine: { os: "linux", arch: "x86_64", processor: "", cores: 2, deno: "2.9.6", load: 0.5 },
    peers: "torchvision 1",
    pictures: 100,
    rounds: 3,
    figures: [
      { name: "a", beside: "b", pictures: 100, uses: uses(1, 2, 4) },
      { name: "b", pictures: 50, uses: uses(2, 8, 12) },
    ],
    memory: [2e8, 2.1e8],
  });
  assertEquals(text.split("\n").slice(3), [
    "photos  a second  CPU ms each  faster than    by  by CPU",
    "------  --------  -----------  -----------  ----  ------",
    "a           50.0        40.00  b            3.00    3.00",
    "b           6.25       320.00",
    "",
    "resident memory of Rill's process after each round: 200, 210 MB",
  ]);
});

Deno.test("loadPhotos() and decodePhotos() go through all pictures, again and again", () =>
  withFolder(async (dir) => {
    const jpeg = imageFile("JPEG");
    await writeFiles(dir, { "a/0.jpg": jpeg, "b/1.jpg": jpeg });
    const { seconds, processors } = await measureUse(async () => {
      await loadPhotos(dir, { workers: 0, pictures: 5, epoch: 0 });
      await decodePhotos([jpeg], 3);
    });
    assert(seconds > 0 && processors > 0);
  }));
