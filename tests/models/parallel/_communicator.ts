/** An exchange of the ranks: numbers of such lengths, made by `givenBy`. */
export interface Exchange {
  readonly call: "allGather" | "exchange";
  /** The lengths of the arrays that each rank gives, to each other one where those get different ones. */
  readonly lengths: readonly (readonly number[])[];
}

/** Makes the arrays that a rank gives to another, or to all. */
export const givenBy = (rank: number, to: number, lengths: readonly number[]): Float32Array[] =>
  lengths.map((length, a) =>
    Float32Array.from({ length }, (_, i) => (i + a * 31) % 97 + rank * 100 + to * 1000)
  );

/** Rotates lengths, so that those for each rank are others. */
export const lengthsFor = (
  lengths: readonly number[],
  from: number,
  to: number,
): readonly number[] => lengths.map((_, i) => lengths[(i + from * to) % lengths.length]!);
