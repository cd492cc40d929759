import { assert, assertEquals, assertMatch } from "@std/assert";
import { formatResult } from "../../tasks/_pipeline/pipeline_result.ts";
import { runTask } from "./_task.ts";

// Large enough for what the stages do to count for more than the handing over between them.
const SMALL = ["--side", "120", "--images", "256", "--batch-size", "64", "--epochs", "2"];

Deno.test("pipeline prints a line for each stage, the bottleneck and the sum", async () => {
  const { code, stdout, stderr, errors } = await runTask(["pipeline", ...SMALL]);
  assertEquals([code, errors], [0, []], stderr);
  assertMatch(stderr, /^data: Fashion-MNIST/);
  const lines = stdout.trim().split("\n");
  assertEquals(
    lines.map((line) => line.split(/ {2,}/)[0]).slice(0, 7),
    ["stage", "---------", "read", "resize", "normalize", "batch", "prefetch"],
  );
  assertMatch(lines[7] ?? "", /^The bottleneck is \w+: it is at work itself \d+ % of the time$/);
  assertMatch(
    lines[8] ?? "",
    /^512 images of 120 x 120 in batches of 64, resized in one thread: [\d,]+ images\/s, \d+\.\d s, peak RSS \d+ MB$/,
  );
  assertEquals(lines.length, 9);
});

Deno.test("pipeline resizes in workers, and prints JSON alone if asked to", async () => {
  const { code, stdout, stderr } = await runTask(
    ["pipeline", ...SMALL, "--workers", "2", "--json", "--quiet"],
  );
  assertEquals([code, stderr], [0, ""]);
  const { stages, bottleneck, seconds, imagesPerSecond, peakRss, ...settings } = JSON.parse(stdout);
  assertEquals(settings, { side: 120, batchSize: 64, images: 256, epochs: 2, workers: 2 });
  assertEquals(
    stages.map(({ name, items }: { name: string; items: number }) => [name, items]),
    [["read", 512], ["resize", 512], ["normalize", 512], ["batch", 8], ["prefetch", 8]],
  );
  assertEquals(Math.round(imagesPerSecond * seconds), 512);
  assertEquals(bottleneck.kind, "stage");
  assert(peakRss > 1e7 && peakRss < 1e9);
});

Deno.test("pipeline refuses a folder without the data set", async () => {
  const { code, stdout, errors } = await runTask(["pipeline", "--data-dir", "/nonexistent"]);
  assertEquals([code, stdout, errors.length], [1, "", 1]);
});

Deno.test("formatResult() says who resized", () => {
  const result = {
    ...{ seconds: 2, stages: [], bottleneck: undefined },
    ...{ side: 28, batchSize: 4, images: 1000, epochs: 3, imagesPerSecond: 1500, peakRss: 2e8 },
  };
  for (const [workers, who] of [[0, "one thread"], [1, "1 worker"], [2, "2 workers"]] as const) {
    assertEquals(
      formatResult({ ...result, workers }).split("\n").at(-1),
      `3,000 images of 28 x 28 in batches of 4, resized in ${who}: 1,500 images/s, 2.0 s, peak RSS 200 MB`,
    );
  }
});
