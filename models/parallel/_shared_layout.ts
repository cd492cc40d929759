/** The positions of the control words, each in a cache line of its own. */
export const WORD = {
  /** The number of ranks. */
  size: 0,
  /** How many ranks have come to the barrier. */
  arrived: 16,
  /** Which of them are there, a bit for each, in two words. */
  present: 17,
  /** How many times all have; one more when a rank fails, so that nobody waits on. */
  generation: 32,
  /** The rank that failed, from 1; 0 as long as none has. */
  failed: 48,
  /** Bytes of its reason. */
  reasonBytes: 49,
} as const;

/** Where the reason of a failure lies, in bytes. */
export const REASON = { start: 256, length: 1024 };

/** The most ranks. More would need more memory for their exchange than they save time. */
export const MAX_RANKS = 64;

/** Where each rank says how many numbers it has for another at most, in bytes: twice, in turn. */
export const LENGTHS = { start: REASON.start + REASON.length, length: 2 * MAX_RANKS * 4 };

/** Where the numbers begin, in bytes. */
export const NUMBERS_START = LENGTHS.start + LENGTHS.length;

/**
 * Computes how many numbers go from one rank to another at a time: so few that they stay in a CPU's caches.
 */
export function computeChunkLength(size: number): number {
  return Math.max(4096, Math.floor(524288 / size));
}

/**
 * Counts the bytes for so many ranks: room for a chunk from each to each, twice, as one half is filled while the other is
 * read.
 */
export function countSharedBytes(size: number): number {
  return NUMBERS_START + 2 * size * size * computeChunkLength(size) * 4;
}
