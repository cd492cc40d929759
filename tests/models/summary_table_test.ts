import { assertEquals } from "@std/assert";
import * as models from "@rill/rill/models";
import { getOrThrow } from "./_helpers.ts";

Deno.test("summaryTable() lists layers and adds up", () => {
  const model = models.sequential([
    models.conv2d({ filters: 4, kernelSize: 3 }),
    models.batchNorm2d(),
    models.flatten(),
    models.linear(10),
  ]);
  const lines = models.summaryTable(getOrThrow(models.build(model, [8, 8, 1]))).split("\n");
  const [head, rule, conv, norm, , linear, empty, ...totals] = lines;
  assertEquals(head?.split(/\s+/), ["name", "layer", "output", "parameters"]);
  assertEquals(/^[- ]+$/.test(rule!), true);
  assertEquals(/^0\s+Conv2d\(.*\)\s+6 x 6 x 4\s+40$/.test(conv!), true, conv);
  assertEquals(/^1\s+BatchNorm2d\(.*\)\s+6 x 6 x 4\s+8$/.test(norm!), true, norm);
  assertEquals(/^3\s+Linear\(144, 10\)\s+10\s+1,450$/.test(linear!), true, linear);
  assertEquals(empty, "");
  assertEquals(totals.slice(0, 2), [
    "parameters:         1,498 (0.0 MiB)",
    // The means, the variances, and the count of batches.
    "buffers:            9 (0.0 MiB)",
  ]);
  assertEquals(totals.length, 4);
});
