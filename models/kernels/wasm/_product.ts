// Products of matrices by blocks that stay in the caches (after Goto and van de Geijn, "Anatomy of High-Performance Matrix
// Multiplication", 2008): a block of the right operand is packed in panels of 8 columns, which stay in the L2 cache, and each tile
// of rows of the left operand, read where it lies, meets one panel after the other. Convolutions are such products whose operands
// are read or packed straight from images.
import type { BoundModule } from "./_bound_module.ts";

/**
 * The inner dimension and columns that are worked on at a time: panels fit the L2 cache, tiles of rows the L1. Where the inner
 * dimension is shorter there are more columns.
 */
const BLOCK = { depth: 384, columns: 512 };

/** The same where there are few columns: longer ones, as the work of a block is then little beside its beginning and end. */
const NARROW = { depth: 1024, columns: 16 };

/** The most groups of eight rows that are packed at a time. */
const GROUPS = 6;

/** A part of the inner dimension. */
export interface Stretch {
  readonly start: number;
  readonly length: number;
  /** Where it lies in bytes, after a row's address or in the table of columns, in operands that are read where they are. */
  readonly offset?: number;
}

/** Rows of a product that have the same stretches of the inner dimension; the rest of it would be zeros. */
export interface Rows<S extends Stretch = Stretch> {
  readonly count: number;
  /** The address of a table of the addresses of the product's rows. */
  readonly results: number;
  /** In ascending order. */
  readonly stretches: readonly S[];
  /**
   * How the left operand is read: where it is, if stretches lie together in memory, or there are few columns; or packed in groups of
   * eight rows, by a function that packs `length` numbers of a stretch, `skip` after its start, of some rows.
   */
  readonly read: RowsInPlace | Pack<S>;
}

/** Rows of a left operand that are read where they are. */
interface RowsInPlace {
  /** The address of a table of their addresses. Each row has all of its stretches. */
  readonly rows: number;
  /** The bytes from one number to the next; 4 unless said otherwise. */
  readonly step?: number;
}

type Pack<S extends Stretch> = (
  to: number,
  groupBytes: number,
  row: number,
  rows: number,
  stretch: S,
  skip: number,
  length: number,
) => void;

/** A product: the rows of its left operand, and its right operand. */
export interface Product<S extends Stretch = Stretch> {
  readonly depth: number;
  readonly columns: number;
  readonly rows: readonly Rows<S>[];
  /** Packs some of the right operand's inner dimension, and of its columns. */
  packColumns(
    to: number,
    panelBytes: number,
    start: number,
    depth: number,
    column: number,
    columns: number,
  ): void;
}

const STRETCH_BYTES = NARROW.depth * 12;
const SOURCES_BYTES = GROUPS * 32;
const PACKED_BYTES = GROUPS * (BLOCK.depth * 32 + 64);
const PANELS_BYTES = BLOCK.columns / 8 * countPanelBytes(BLOCK.depth);

/** The bytes of workspace that `multiply` needs. */
export const PRODUCT_BYTES = STRETCH_BYTES + SOURCES_BYTES + PACKED_BYTES + PANELS_BYTES;

/** Computes a product with workspace at an address. */
export function multiply<S extends Stretch>(
  { functions, words }: BoundModule,
  workspace: number,
  product: Product<S>,
): void {
  const table = workspace;
  const sources = table + STRETCH_BYTES;
  const packed = sources + SOURCES_BYTES;
  const panels = packed + PACKED_BYTES;
  const entries = words(table, STRETCH_BYTES / 4);
  const { depth: most } = product.columns <= NARROW.columns ? NARROW : BLOCK;
  const depths = [...cutInBlocks(product.depth, most, 1)];
  const panelsAtATime = Math.floor(PANELS_BYTES / countPanelBytes(depths[0]?.[1] ?? 0));
  for (const [column, columns] of cutInBlocks(product.columns, panelsAtATime * 8, 8)) {
    const started = new Set<Rows<S>>();
    for (const [start, blockDepth] of depths) {
      const end = start + blockDepth;
      const panelBytes = countPanelBytes(blockDepth);
      product.packColumns(panels, panelBytes, start, blockDepth, column, columns);
      for (const part of product.rows) {
        const parts = cutStretches(part.stretches, start, end);
        if (parts.length === 0) continue;
        const accumulate = started.has(part) ? 1 : 0;
        started.add(part);
        const { read, results, count } = part;
        if (typeof read !== "function") {
          const step = read.step ?? 4;
          functions.multiplyRows(
            read.rows,
            step,
            panels,
            panelBytes,
            table,
            table + writeStretches(entries, parts, start, step, false) * 12,
            results,
            column * 4,
            count,
            columns,
            accumulate,
          );
          continue;
        }
        const last = table + writeStretches(entries, parts, start, 32, true) * 12;
        const depth = parts.reduce((sum, { length }) => sum + length, 0);
        const groupBytes = depth * 32 + 64;
        const groups = Math.min(GROUPS, Math.floor(PACKED_BYTES / groupBytes));
        functions.tabulate(sources, packed, 1, 0, groups, groupBytes, 8, 4);
        for (const [row, rows] of cutInBlocks(count, Math.floor(groups * 8 / 6) * 6, 6)) {
          let at = packed;
          for (const { stretch, skip, length } of parts) {
            read(at, groupBytes, row, rows, stretch, skip, length);
            at += length * 32;
          }
          functions.multiplyRows(
            sources,
            32,
            panels,
            panelBytes,
            table,
            last,
            results + row * 4,
            column * 4,
            rows,
            columns,
            accumulate,
          );
        }
      }
    }
    for (const part of product.rows) {
      if (started.has(part)) continue;
      // They have nothing of the inner dimension: sums of nothing are written.
      const { results, count } = part;
      functions.multiplyRows(
        results,
        4,
        panels,
        64,
        table,
        table,
        results,
        column * 4,
        count,
        columns,
        0,
      );
    }
  }
}

/** Counts a cache line more than there is: panels a power of 2 apart would displace each other from the cache. */
function countPanelBytes(depth: number): number {
  return Math.ceil(depth / 2) * 64 + 64;
}

/** Cuts a length into blocks that are about equal, at multiples of `unit`. */
function* cutInBlocks(length: number, largest: number, unit: number): Generator<[number, number]> {
  const count = Math.ceil(length / largest);
  const size = Math.ceil(length / count / unit) * unit;
  for (let start = 0; start < length; start += size) yield [start, Math.min(size, length - start)];
}

interface Part<S> {
  readonly stretch: S;
  readonly skip: number;
  readonly length: number;
}

/** Gives the parts of stretches that lie between two places. */
function cutStretches<S extends Stretch>(
  stretches: readonly S[],
  start: number,
  end: number,
): Part<S>[] {
  // There may be one for each line of many images: what lies before is skipped by halves.
  let [first, behind] = [0, stretches.length];
  while (first < behind) {
    const middle = (first + behind) >> 1;
    const { start: at, length } = stretches[middle]!;
    if (at + length <= start) first = middle + 1;
    else behind = middle;
  }
  const parts = [];
  for (let i = first; i < stretches.length && stretches[i]!.start < end; i++) {
    const stretch = stretches[i]!;
    const from = Math.max(stretch.start, start);
    const to = Math.min(stretch.start + stretch.length, end);
    parts.push({ stretch, skip: from - stretch.start, length: to - from });
  }
  return parts;
}

/**
 * Writes the table of stretches, those that touch as one: where each begins in a panel, and in a row after the end of the last.
 *
 * @returns How many it has.
 */
function writeStretches<S extends Stretch>(
  entries: Uint32Array,
  parts: readonly Part<S>[],
  start: number,
  step: number,
  isPacked: boolean,
): number {
  let used = 0;
  let panelEnd = 0;
  let rowEnd = 0;
  for (const { stretch, skip, length } of parts) {
    const panel = (stretch.start + skip - start) * 32;
    const offset = isPacked ? rowEnd : (stretch.offset ?? 0) + skip * step;
    if (used > 0 && panel === panelEnd && offset === rowEnd) {
      entries[3 * used - 1]! += length;
    } else {
      entries[3 * used] = panel;
      entries[3 * used + 1] = offset - rowEnd;
      entries[3 * used + 2] = length;
      used++;
    }
    panelEnd = panel + length * 32;
    rowEnd = offset + length * step;
  }
  return used;
}
