import { multiplyRows } from "../multiply_rows";
import { tabulate } from "../tabulate";

/** The bytes of a stretch. */
const STRETCH_BYTES: usize = 12;

/**
 * Multiplies what lies between transforms, at each place: `rows` rows of `depth` numbers by panels of `columns` columns. The numbers
 * of `group` rows lie side by side. `fromBytes`, `panelsBytes` and `resultsBytes` are from one place to the next. `room` is space for
 * a stretch, and for two tables of the rows' addresses.
 */
export function multiplyPlaces(
  places: usize,
  group: usize,
  rows: usize,
  depth: usize,
  columns: usize,
  from: usize,
  fromBytes: usize,
  panels: usize,
  panelsBytes: usize,
  panelBytes: usize,
  results: usize,
  resultsBytes: usize,
  accumulate: bool,
  room: usize,
): void {
  const sources = room + STRETCH_BYTES;
  const targets = sources + rows * 4;
  store<usize>(room, 0);
  store<usize>(room, 0, 4);
  store<usize>(room, depth, 8);
  for (; places; places--) {
    tabulate(sources, from, 1, 0, rows / group, depth * group * 4, group, 4);
    tabulate(targets, results, 1, 0, 1, 0, rows, columns * 4);
    multiplyRows(
      sources,
      group * 4,
      panels,
      panelBytes,
      room,
      sources,
      targets,
      0,
      rows,
      columns,
      accumulate,
    );
    from += fromBytes;
    panels += panelsBytes;
    results += resultsBytes;
  }
}
