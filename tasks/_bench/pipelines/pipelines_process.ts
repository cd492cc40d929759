// A process that times the pipelines of a checkout, whichever it is, by what it exports. Its arguments are the checkout's
// address and a PipelinesWork as JSON. It prints the PipelinesRows that it has as JSON; then, for each line that names one, it
// runs that once and prints the seconds.
import { formatError } from "../../_cli/errors.ts";
import { STORED_SIDE } from "./contestant.ts";
import { loadLibrary } from "./library.ts";
import { readLines } from "../shared/answering_process.ts";
import { listTimedStages, type Timed } from "./measure_stages.ts";
import type { PipelinesRows, PipelinesWork } from "./pipelines_checkout.ts";
import { makeRandomImages } from "../pipelines/stored_images.ts";
import { makeRillLoader } from "./rill_loader.ts";
import { readStoredImages } from "./stored_images.ts";

const [checkout = "", work = ""] = Deno.args;
const { images, side, items }: PipelinesWork = JSON.parse(work);
const library = await loadLibrary(new URL(checkout));
const source = readStoredImages(makeRandomImages(Math.max(...images)));

const loaders = [side, STORED_SIDE].flatMap((to, i) =>
  [true, false].map((recycled): Timed => {
    const name = `${STORED_SIDE} × ${STORED_SIDE} to ${to} × ${to}${recycled ? ", recycled" : ""}`;
    const { load } = makeRillLoader(library, source, { recycled });
    return { name, time: () => load({ side: to, images: images[i]! }) };
  })
);

const rows = new Map<string, () => Promise<number>>();
const missing: Record<string, string> = {};
for (const one of [...listTimedStages(library, items), ...loaders]) {
  try {
    if ("missing" in one) throw new Error(one.missing);
    await one.time(); // Warms up, and shows whether it works.
    rows.set(one.name, one.time);
  } catch (error) {
    missing[one.name] = formatError(error);
  }
}

const about: PipelinesRows = { names: [...rows.keys()], missing };
console.log(JSON.stringify(about));
for await (const name of readLines(Deno.stdin.readable)) console.log(await rows.get(name)!());
