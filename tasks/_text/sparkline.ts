const LEVELS = "▁▂▃▄▅▆▇█";

/** A curve in a line of text, of all numbers that there were. */
export interface Sparkline {
  add(value: number): void;
  /** Formats the curve: a column for each part of the numbers, from the lowest of them to the highest; empty without numbers. */
  format(): string;
}

/** The mean of numbers that follow on each other. */
interface Part {
  sum: number;
  count: number;
}

/**
 * Creates a curve without numbers. It holds no more parts than twice its columns: then two become one, so that a long run costs no
 * more than a short one. Numbers that aren't finite are left out.
 *
 * @param columns How wide it becomes.
 */
export function createSparkline(columns = 12): Sparkline {
  let parts: Part[] = [];
  /** How many numbers a part holds. */
  let size = 1;
  return {
    add(value) {
      if (!Number.isFinite(value)) return;
      const last = parts.at(-1);
      if (last && last.count < size) {
        last.sum += value;
        last.count++;
        return;
      }
      if (parts.length === 2 * columns) {
        parts = mergeParts(parts, columns);
        size *= 2;
      }
      parts.push({ sum: value, count: 1 });
    },
    format: () => formatSparkline(mergeParts(parts, columns).map(({ sum, count }) => sum / count)),
  };
}

/** Merges neighbours until there are so many parts at the most. */
function mergeParts(parts: readonly Part[], most: number): Part[] {
  const count = Math.min(parts.length, most);
  return Array.from({ length: count }, (_, i) => {
    const from = Math.floor(i * parts.length / count);
    const to = Math.floor((i + 1) * parts.length / count);
    return parts.slice(from, to).reduce((a, b) => ({
      sum: a.sum + b.sum,
      count: a.count + b.count,
    }));
  });
}

/** Formats numbers as columns, from the lowest of them to the highest: `█▅▃▂▁`. */
export function formatSparkline(values: readonly number[]): string {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const scale = high > low ? (LEVELS.length - 1) / (high - low) : 0;
  return values.map((value) => LEVELS[Math.round((value - low) * scale)]).join("");
}
