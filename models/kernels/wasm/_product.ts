// Products of matrices by blocks that stay in the caches (Goto and van de Geijn, "Anatomy of High-Performance Matrix
// Multiplication", 2008): a block of the right operand is packed in panels of 8 columns, then one block after the other of
// the left operand in tiles of 4 rows, and each tile meets each panel. Convolutions are such products whose operands are
// packed straight from images.
import type { BoundModule } from "./_bound_module.ts";

/** The inner dimension, rows and columns that are worked on at a time. The block of rows fits the L2 cache, a panel the L1. */
const BLOCK = { depth: 384, rows: 64, columns: 512 };

/** The same where there are few columns: longer ones, as the work of a block is then little beside its beginning and end. */
const NARROW = { depth: 1024, rows: 24, columns: 16 };

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
   * How the left operand is read: packed, by a function that packs `length` numbers of a stretch, `skip` after its start, of some
   * rows; or where it is, which saves the packing where stretches lie together in memory, or where there are few columns.
   */
  readonly read: Pack<S> | InPlace;
}

/** A left operand that is read where it is. */
interface InPlace {
  /** The address of a table of the addresses of its rows, each of which has all of its stretches, or of its columns. */
  readonly rows?: number;
  readonly columns?: number;
  /** Where rows begin after the address of a column, in bytes. Three numbers behind the last are read too. */
  readonly first?: number;
}

type Pack<S extends Stretch> = (
  to: number,
  tileBytes: number,
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

const EDGE_BYTES = 128;
const STRETCH_BYTES = NARROW.depth * 12;
const TILES_BYTES = BLOCK.depth * BLOCK.rows * 4;
const PANEL_BYTES = BLOCK.depth * 32 + 64;
const PANELS_BYTES = PANEL_BYTES * BLOCK.columns / 8;

/** The bytes of workspace that `multiply` needs. */
export const PRODUCT_BYTES = EDGE_BYTES + STRETCH_BYTES + TILES_BYTES + PANELS_BYTES;

/** Computes a product with workspace at an address. */
export function multiply<S extends Stretch>(
  { functions, words }: BoundModule,
  workspace: number,
  product: Product<S>,
): void {
  const edge = workspace;
  const table = edge + EDGE_BYTES;
  const tiles = table + STRETCH_BYTES;
  const panels = tiles + TILES_BYTES;
  const entries = words(table, STRETCH_BYTES / 4);
  const block = product.columns <= NARROW.columns ? NARROW : BLOCK;
  for (const [column, columns] of cutInBlocks(product.columns, block.columns, 8)) {
    const started = new Set<Rows<S>>();
    for (const [start, blockDepth] of cutInBlocks(product.depth, block.depth, 1)) {
      const end = start + blockDepth;
      // A cache line more than there is: panels a power of 2 apart would displace each other from the cache.
      const panelBytes = Math.ceil(blockDepth / 2) * 64 + 64;
      product.packColumns(panels, panelBytes, start, blockDepth, column, columns);
      for (const part of product.rows) {
        const parts = cutStretches(part.stretches, start, end);
        if (parts.length === 0) continue;
        const accumulate = started.has(part) ? 1 : 0;
        const { read, results } = part;
        if (typeof read !== "function") {
          const last = table + writeSources(entries, parts, start) * 12;
          if (read.columns !== undefined) {
            functions.multiplyColumns(
              read.columns,
              read.first ?? 0,
              panels,
              panelBytes,
              table,
              last,
              results,
              column * 4,
              part.count,
              columns,
              accumulate,
              edge,
            );
          }
          // With few columns a row is used up before the next is read.
          const most = block === NARROW ? part.count : block.rows;
          for (
            const [row, rows] of read.rows === undefined ? [] : cutInBlocks(part.count, most, 4)
          ) {
            functions.multiplyRows(
              read.rows! + row * 4,
              panels,
              panelBytes,
              table,
              last,
              results + row * 4,
              column * 4,
              rows,
              columns,
              accumulate,
              edge,
            );
          }
          started.add(part);
          continue;
        }
        const depth = parts.reduce((sum, { length }) => sum + length, 0);
        const last = table + writeStretches(entries, parts, start) * 8;
        for (const [row, rows] of cutInBlocks(part.count, block.rows, 4)) {
          let at = tiles;
          for (const { stretch, skip, length } of parts) {
            read(at, depth * 16, row, rows, stretch, skip, length);
            at += length * 16;
          }
          functions.multiply(
            tiles,
            panels,
            panelBytes,
            table,
            last,
            depth,
            results + row * 4,
            column * 4,
            rows,
            columns,
            accumulate,
            edge,
          );
        }
        started.add(part);
      }
    }
    for (const part of product.rows) {
      if (!started.has(part)) clearRows(words, part, column, columns);
    }
  }
}

/** Writes zeros for rows that have nothing of the inner dimension. */
function clearRows(
  words: BoundModule["words"],
  part: Pick<Rows, "results" | "count">,
  column: number,
  columns: number,
): void {
  for (const address of words(part.results, part.count)) {
    words(address + column * 4, columns).fill(0);
  }
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
  const parts = [];
  for (const stretch of stretches) {
    const from = Math.max(stretch.start, start);
    const to = Math.min(stretch.start + stretch.length, end);
    if (from < to) parts.push({ stretch, skip: from - stretch.start, length: to - from });
  }
  return parts;
}

/**
 * Writes the table of stretches, those that touch as one.
 *
 * @returns How many it has.
 */
function writeStretches<S extends Stretch>(
  entries: Uint32Array,
  parts: readonly Part<S>[],
  start: number,
): number {
  let used = 0;
  for (const { stretch, skip, length } of parts) {
    const offset = (stretch.start + skip - start) * 32;
    if (used > 0 && entries[2 * used - 2]! + entries[2 * used - 1]! * 32 === offset) {
      entries[2 * used - 1]! += length;
    } else {
      entries[2 * used] = offset;
      entries[2 * used + 1] = length;
      used++;
    }
  }
  return used;
}

/**
 * Writes the table of stretches of rows that are read where they are.
 *
 * @returns How many it has.
 */
function writeSources<S extends Stretch>(
  entries: Uint32Array,
  parts: readonly Part<S>[],
  start: number,
): number {
  let used = 0;
  for (const { stretch, skip, length } of parts) {
    const panel = (stretch.start + skip - start) * 32;
    const offset = (stretch.offset ?? 0) + skip * 4;
    const at = 3 * used;
    const before = used > 0 ? entries[at - 1]! : 0;
    if (
      used > 0 && entries[at - 3]! + before * 32 === panel &&
      entries[at - 2]! + before * 4 === offset
    ) {
      entries[at - 1]! += length;
    } else {
      entries[at] = panel;
      entries[at + 1] = offset;
      entries[at + 2] = length;
      used++;
    }
  }
  return used;
}
