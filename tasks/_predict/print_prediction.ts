import { escapeControls } from "../_cli/errors.ts";
import { formatBar } from "../_text/format.ts";

/** A class and how likely it is. */
export interface ClassShare {
  readonly class: string;
  /** From 0 to 1; null where the network gives NaN. */
  readonly probability: number | null;
}

/** What a network tells of a picture: the likeliest classes, the likeliest first. */
export interface PicturePrediction {
  readonly file: string;
  readonly predictions: readonly ClassShare[];
}

/** How predictions are printed. */
export type PredictionFormat = "table" | "json" | "csv";

/** What precedes all predictions. */
export const formatHead = (format: PredictionFormat): readonly string[] =>
  format === "csv" ? ["file,rank,class,probability"] : [];

/**
 * Formats what a network tells of a picture.
 *
 * @param isFirst Whether nothing was printed before.
 */
export function formatPrediction(
  { file, predictions }: PicturePrediction,
  format: PredictionFormat,
  isFirst: boolean,
): string {
  if (format === "json") return JSON.stringify({ file, predictions });
  if (format === "csv") {
    return predictions.map(({ class: name, probability }, i) =>
      [quoteField(file), i + 1, quoteField(name), probability ?? ""].join(",")
    ).join("\n");
  }
  const width = Math.max(...predictions.map(({ class: name }) => name.length));
  return [
    ...isFirst ? [] : [""],
    escapeControls(file),
    ...predictions.map(({ class: name, probability }) =>
      `  ${escapeControls(name).padEnd(width)}  ${formatBar(probability ?? 0)} ${
        (probability === null ? "NaN" : (probability * 100).toFixed(1)).padStart(5)
      } %`
    ),
  ].join("\n");
}

/** Quotes a field where CSV needs it (RFC 4180). */
const quoteField = (text: string): string =>
  /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;

/**
 * Computes the likeliest classes of rows of logits.
 *
 * @param indices The classes of the largest logits of each row, the largest first.
 */
export function rankClasses(
  { data, shape }: { readonly data: ArrayLike<number>; readonly shape: readonly number[] },
  indices: ArrayLike<number>,
  names: readonly string[],
): ClassShare[][] {
  const [rows = 0, classes = 0] = shape;
  const top = rows === 0 ? 0 : indices.length / rows;
  return Array.from({ length: rows }, (_, row) => {
    const logits = Float64Array.from({ length: classes }, (_, c) => data[row * classes + c]!);
    // Of the largest logit the exponential is 1, so that none is infinite.
    const most = logits.reduce((a, b) => Math.max(a, b), -Infinity);
    const shares = logits.map((logit) => Math.exp(logit - most));
    const sum = shares.reduce((a, b) => a + b, 0);
    return Array.from({ length: top }, (_, k) => {
      const c = indices[row * top + k]!;
      const probability = shares[c]! / sum;
      return {
        class: names[c] ?? String(c),
        probability: Number.isNaN(probability) ? null : Number(probability.toPrecision(6)),
      };
    });
  });
}
