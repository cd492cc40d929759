import { multiplyFour } from "./multiply_four";
import { multiplySix } from "./multiply_six";
import { isForSix } from "./tile";

/**
 * Computes a block of a product: `rows` rows, whose addresses are in a table at `results`, `columns` columns from the byte `offset`
 * of each, overwritten or added to. Those of the left operand begin at the addresses in a table at `sources`, with `step` bytes
 * from one number to the next. `b` holds panels of 8 columns, `panelBytes` apart, of which the stretches from `stretch` to `end`
 * are used: triples of an offset in bytes in a panel, one in a row from where the last ends, and a length.
 *
 * Panels go inside, so that a result's numbers are written side by side, and what is read of the rows stays in the L1 cache.
 */
export function multiplyRows(
  sources: usize,
  step: usize,
  b: usize,
  panelBytes: usize,
  stretch: usize,
  end: usize,
  results: usize,
  offset: usize,
  rows: usize,
  columns: usize,
  accumulate: bool,
): void {
  while (rows) {
    const six = isForSix(rows);
    const height = min(rows, six ? 6 : 4);
    const last = (height - 1) * 4;
    if (six) {
      multiplySix(
        sources,
        step,
        b,
        panelBytes,
        stretch,
        end,
        results,
        offset,
        last,
        columns,
        accumulate,
      );
    } else {
      multiplyFour(
        sources,
        step,
        b,
        panelBytes,
        stretch,
        end,
        results,
        offset,
        last,
        columns,
        accumulate,
      );
    }
    sources += height * 4;
    results += height * 4;
    rows -= height;
  }
}
