/** An exchange of the ranks: a call of the communicator on arrays of such lengths, several times. */
export interface Exchange {
  readonly call: "allReduce" | "reduceScatter" | "allGather";
  readonly lengths: readonly number[];
  readonly times: number;
}

/** Makes the arrays of a rank: integers, so that sums are exact. */
export const arraysOf = (rank: number, lengths: readonly number[]): Float32Array[] =>
  lengths.map((length, a) =>
    Float32Array.from({ length }, (_, i) => (i + a * 31) % 97 + rank * 100)
  );
