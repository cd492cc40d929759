/** The numbers that go from one rank to another at a time: so few that they stay in a processor's caches. */
export const pieceOf = (size: number): number => Math.max(4096, Math.floor(524288 / size));

/** The places of the control words, each in a cache line of its own. */
export const WORD = {
  size: 0,
  /** How many ranks have come to the barrier. */
  arrived: 16,
  /** How many times all have; one more when a rank fails, so that nobody waits on. */
  generation: 32,
  /** The rank that failed, from 1; 0 as long as none has. */
  failed: 48,
  /** Bytes of its reason. */
  reasonBytes: 49,
} as const;

/** Where the reason of a failure lies, in bytes. */
export const REASON = { start: 256, length: 1024 };

/** Where the numbers begin, in bytes. */
export const NUMBERS = REASON.start + REASON.length;

/** The bytes for so many ranks: twice, as one is filled while the other is read, a piece from each to each. */
export const sharedBytes = (size: number): number => NUMBERS + 2 * size * size * pieceOf(size) * 4;
