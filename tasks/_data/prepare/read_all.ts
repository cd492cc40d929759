import type { Example } from "../../../pipelines/mod.ts";
import { createProgressLine, formatPercent, silentLine } from "../../_text/progress_line.ts";

/**
 * Passes examples on with a progress line.
 *
 * @param what What is being done: "caching".
 * @param count How many there will be.
 */
export async function* showProgress<D extends Example>(
  examples: AsyncIterable<D>,
  what: string,
  { count, quiet = false }: { readonly count: number; readonly quiet?: boolean | undefined },
): AsyncGenerator<D, void, undefined> {
  const line = quiet ? silentLine : createProgressLine();
  let done = 0;
  try {
    for await (const example of examples) {
      yield example;
      done++;
      const share = done / count;
      line.show(share, `${what}: ${done} of ${count}, ${formatPercent(share)}`);
    }
  } finally {
    line.clear();
  }
}
