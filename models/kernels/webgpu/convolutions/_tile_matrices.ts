// The matrices of minimal filtering (Winograd, 1980; Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", 2016,
// section 4): a line of `output` results of a filter with `filter` taps is made of `output + filter - 1` products, by the values of
// polynomials at as many points.
import { repeatLines } from "../gemm/_gemm_text.ts";

/** A matrix, row by row. */
export type Matrix = readonly (readonly number[])[];

/** The sizes of a tile, along a line of it. */
export interface TileSize {
  readonly output: number;
  readonly filter: number;
}

/** The points beside infinity: as few as are needed, the smallest and simplest first. */
const POINTS = [0, 1, -1, 2, -2, 1 / 2, -1 / 2];

/** Counts the points of a line of a tile, and so its products, and the pixels that it reads. */
export const countPoints = ({ output, filter }: TileSize): number => output + filter - 1;

/** Makes the matrix that takes a line's pixels to its points. */
export function makeInputMatrix(size: TileSize): Matrix {
  const points = getPoints(size);
  const length = countPoints(size);
  const pad = (row: readonly number[]) => Array.from({ length }, (_, i) => row[i] ?? 0);
  return [
    ...points.map((_, i) => pad(expandRoots(points.filter((_, j) => j !== i)))),
    pad(expandRoots(points)),
  ];
}

/** Makes the matrix that takes the taps of a line of a filter to its points. */
export function makeFilterMatrix(size: TileSize): Matrix {
  const points = getPoints(size);
  const taps = Array.from({ length: size.filter }, (_, k) => k);
  return [
    ...points.map((point, i) => {
      const scale = points.reduce((all, other, j) => j === i ? all : all * (point - other), 1);
      return taps.map((k) => point ** k / scale);
    }),
    taps.map((k) => k === size.filter - 1 ? 1 : 0),
  ];
}

/** Makes the matrix that takes a line's results, or what comes in their place, to its points; turned over it takes the points back. */
export function makeOutputMatrix(size: TileSize): Matrix {
  const places = Array.from({ length: size.output }, (_, k) => k);
  return [
    ...getPoints(size).map((point) => places.map((k) => point ** k)),
    places.map((k) => k === size.output - 1 ? 1 : 0),
  ];
}

/** Exchanges rows and columns. */
export const turnOver = (matrix: Matrix): Matrix =>
  (matrix[0] ?? []).map((_, j) => matrix.map((row) => row[j]!));

/**
 * Writes the product of a matrix, a square of values, and the matrix turned over: `from` names the values, and `to` the results,
 * by row and column.
 */
export function writeTransform(
  matrix: Matrix,
  from: (row: number, column: number) => string,
  to: (row: number, column: number) => string,
): string {
  const [rows, columns] = [matrix.length, matrix[0]!.length];
  const middle = (row: number, column: number) => `middle${row}_${column}`;
  return `${
    repeatLines(
      columns,
      (j) => writeLine(matrix, `down${j}`, (i) => from(i, j), (i) => middle(i, j)),
    )
  }
${repeatLines(rows, (i) => writeLine(matrix, `along${i}`, (j) => middle(i, j), (j) => to(i, j)))}`;
}

/**
 * Writes the product of a matrix and a line of values. The points come as pairs, a number and its negative: what they have in
 * common is computed once.
 */
function writeLine(
  matrix: Matrix,
  name: string,
  from: (i: number) => string,
  to: (i: number) => string,
): string {
  const columns = matrix[0]!.length;
  if (matrix.length >= columns) {
    const pairs = findPairs(matrix);
    return repeatLines(matrix.length, (i) => {
      const row = matrix[i]!;
      const pair = pairs.find(({ first, second }) => i === first || i === second);
      if (!pair) return `  let ${to(i)} = ${writeSum(row, from)};`;
      if (i === pair.second) return "";
      const [even, odd] = [`${name}Even${i}`, `${name}Odd${i}`];
      return `  let ${even} = ${writeSum(row.map((x, j) => j % 2 === 0 ? x : 0), from)};
  let ${odd} = ${writeSum(row.map((x, j) => j % 2 === 1 ? x : 0), from)};
  let ${to(i)} = ${even} + ${odd};
  let ${to(pair.second)} = ${pair.sign > 0 ? `${even} - ${odd}` : `${odd} - ${even}`};`;
    });
  }
  const pairs = findPairs(turnOver(matrix));
  const seconds = pairs.map(({ second }) => second);
  return `${
    pairs.map(({ first, second, sign }) => {
      const [plus, minus] = sign > 0 ? ["+", "-"] : ["-", "+"];
      return `  let ${name}Sum${first} = ${from(first)} ${plus} ${from(second)};
  let ${name}Difference${first} = ${from(first)} ${minus} ${from(second)};`;
    }).join("\n")
  }
${
    repeatLines(matrix.length, (i) =>
      `  let ${to(i)} = ${
        writeSum(
          matrix[i]!.map((x, j) => seconds.includes(j) ? 0 : x),
          (j) =>
            pairs.some(({ first }) => first === j)
              ? `${name}${i % 2 === 0 ? "Sum" : "Difference"}${j}`
              : from(j),
        )
      };`)
  }`;
}

/** Finds the pairs of rows that differ in the sign of every other number, and in that of all where `sign` is negative. */
function findPairs(matrix: Matrix) {
  return matrix.flatMap((row, first) =>
    matrix.flatMap((other, second) => {
      if (second <= first) return [];
      const sign = [1, -1].find((sign) =>
        other.every((x, j) => x === sign * (j % 2 === 0 ? 1 : -1) * row[j]!)
      );
      return sign === undefined ? [] : [{ first, second, sign }];
    })
  );
}

/** Writes a sum of multiples. */
function writeSum(factors: readonly number[], from: (i: number) => string): string {
  const terms = factors.flatMap((factor, i) => {
    if (factor === 0) return [];
    const size = Math.abs(factor);
    const value = Number.isInteger(size) ? `${size}.0` : `${size}`;
    return [[factor < 0 ? "-" : "+", size === 1 ? from(i) : `${value} * ${from(i)}`] as const];
  });
  return terms
    .map(([sign, term], i) => i > 0 ? ` ${sign} ${term}` : sign === "-" ? `-${term}` : term)
    .join("");
}

const getPoints = (size: TileSize): readonly number[] => POINTS.slice(0, countPoints(size) - 1);

/** Gives the coefficients of the polynomial with these roots, the lowest first. */
function expandRoots(roots: readonly number[]): readonly number[] {
  return roots.reduce<readonly number[]>(
    (polynomial, root) =>
      Array.from(
        { length: polynomial.length + 1 },
        (_, i) => (polynomial[i - 1] ?? 0) - root * (polynomial[i] ?? 0),
      ),
    [1],
  );
}
