import { assert, assertEquals, assertMatch } from "@std/assert";
import { formatResult } from "../../tasks/_pipeline/pipeline_result.ts";
import { png, writeFiles } from "./_pictures.ts";
import { runTask, withFolder } from "./_task.ts";

// Large enough for what the stages do to count for more than the handing over between them.
const SMALL = ["--side", "120", "--images", "256", "--batch-size", "64", "--epochs", "2"];

Deno.test("pipeline prints a line for each stage, the bottleneck and the sum", async () => {
  const { code, stdout, stderr, errors } = await runTask(["pipeline", ...SMALL]);
  assertEquals([code, errors], [0, []], stderr);
  assertMatch(stderr, /^data: Fashion-MNIST/);
  const lines = stdout.trim().split("\n");
  assertEquals(
    lines.map((line) => line.split(/ {2,}/)[0]).slice(0, 8),
    ["stage", "---------", "read", "decode", "resize", "normalize", "batch", "prefetch"],
  );
  assertMatch(lines[8] ?? "", /^The bottleneck is \w+: it is at work itself \d+ % of the time$/);
  assertMatch(
    lines[9] ?? "",
    /^512 images of 120 x 120 in batches of 64, prepared by one thread: [\d,]+ images\/s, \d+\.\d s, peak RSS \d+ MB$/,
  );
  assertEquals(lines.length, 10);
});

Deno.test("pipeline resizes in workers, and prints JSON alone if asked to", async () => {
  const { code, stdout, stderr } = await runTask(
    ["pipeline", ...SMALL, "--workers", "2", "--json", "--quiet"],
  );
  assertEquals([code, stderr], [0, ""]);
  const { stages, bottleneck, seconds, imagesPerSecond, peakRss, ...settings } = JSON.parse(stdout);
  assertEquals(settings, {
    data: "fashion-mnist",
    ...{ side: 120, batchSize: 64, images: 256, epochs: 2, workers: 2 },
  });
  assertEquals(
    stages.map(({ name, items }: { name: string; items: number }) => [name, items]),
    [["read", 512], ["prepare", 512], ["normalize", 512], ["batch", 8], ["prefetch", 8]],
  );
  assertEquals(Math.round(imagesPerSecond * seconds), 512);
  assertEquals(bottleneck.kind, "stage");
  assert(peakRss > 1e7 && peakRss < 1e9);
});

Deno.test("pipeline reads a folder, from the second time on out of its cache", () =>
  withFolder(async (dir) => {
    for (let n = 0; n < 12; n++) {
      await writeFiles(dir, { [`photos/${n % 3}/${n}.png`]: await png(n, 20 + n) });
    }
    await writeFiles(dir, { "photos/0/bad.jpg": "no picture" });
    const args = ["pipeline", "--data", "folder:photos", "--side", "8", "--batch-size", "5"];
    const cached = [...args, "--on-bad-record", "skip", "--cache", "kept", "--json"];
    for (const words of ["12 images written to kept/", "12 images from kept/"]) {
      const { code, stdout, stderr } = await runTask(cached, { cwd: dir });
      assertEquals(code, 0, stderr);
      assertMatch(stderr, new RegExp(`cache: ${words}`));
      const { images, stages } = JSON.parse(stdout);
      // The bad one is bad in the cache, too, so that the order is the same.
      assertEquals([images, stages[0].items, stages.at(-1).items], [13, 13, 3]);
    }
    const skipped = await runTask([...args, "--on-bad-record", "skip"], { cwd: dir });
    assertMatch(skipped.stderr, /left out 1 record that cannot be used: photos\/0\/bad.jpg \(/);
    const { code, errors } = await runTask(args, { cwd: dir });
    assertEquals([code, errors.length], [1, 1]);
    assertMatch(errors[0]!, /photos\/0\/bad.jpg as it is neither PNG, JPEG nor WebP/);
  }));

Deno.test("pipeline refuses a folder without the data set", async () => {
  const { code, stdout, errors } = await runTask(["pipeline", "--data-dir", "/nonexistent"]);
  assertEquals([code, stdout, errors.length], [1, "", 1]);
});

Deno.test("formatResult() says who resized", () => {
  const result = {
    ...{ seconds: 2, stages: [], bottleneck: undefined },
    ...{
      data: "fashion-mnist",
      side: 28,
      batchSize: 4,
      images: 1000,
      epochs: 3,
      imagesPerSecond: 1500,
      peakRss: 2e8,
    },
  };
  for (const [workers, who] of [[0, "one thread"], [1, "1 worker"], [2, "2 workers"]] as const) {
    assertEquals(
      formatResult({ ...result, workers }).split("\n").at(-1),
      `3,000 images of 28 x 28 in batches of 4, prepared by ${who}: 1,500 images/s, 2.0 s, peak RSS 200 MB`,
    );
  }
});
