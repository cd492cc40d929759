// A process that measures the pipelines of a checkout, whichever it is, by what it exports. Its arguments are the checkout's
// address and a PipelinesWork as JSON; it prints CheckoutFigures as JSON.
import { errorLine } from "../_cli/error_line.ts";
import { STORED_SIDE } from "./contestant.ts";
import { loadLibrary } from "./library.ts";
import { timeStages } from "./measure_stages.ts";
import type { PipelinesWork } from "./pipelines_checkout.ts";
import { randomImages } from "./random_images.ts";
import { exampleSource, rillLoader } from "./rill_loader.ts";
import { median } from "./statistics.ts";

const [checkout = "", work = ""] = Deno.args;
const { images, side, items, runs }: PipelinesWork = JSON.parse(work);
const library = await loadLibrary(new URL(checkout));
const seconds: Record<string, number> = {};
const missing: Record<string, string> = {};

const stages = await timeStages(library, items, runs);
for (const stage of stages) {
  if ("missing" in stage) missing[stage.name] = stage.missing;
  else seconds[stage.name] = median(stage.seconds);
}
seconds["readIndexed()"] = median(stages.flatMap((one) => "missing" in one ? [] : one.without));

const source = exampleSource(randomImages(Math.max(...images)));
for (const [i, to] of [side, STORED_SIDE].entries()) {
  for (const recycled of [true, false]) {
    const name = `${STORED_SIDE} × ${STORED_SIDE} to ${to} × ${to}${recycled ? ", recycled" : ""}`;
    try {
      const { load } = rillLoader(library, source, { recycled });
      const load_ = { side: to, images: images[i]! };
      await load(load_); // To warm up.
      const times = [];
      for (let run = 0; run < runs; run++) times.push(await load(load_));
      seconds[name] = median(times);
    } catch (error) {
      missing[name] = errorLine(error);
    }
  }
}
console.log(JSON.stringify({ seconds, missing }));
