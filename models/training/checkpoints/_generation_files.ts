// The names of a store's files, and which of them are kept.
import type { StoredGeneration } from "./_store_types.ts";

/** The file that says which generations there are. */
export const POINTER = "last.json";

/** The file of the parameters that were best. */
export const BEST = "best.safetensors";

/** What a file is called until all of it is there. */
export const TEMPORARY = ".tmp";

/** The file of the parameters after a step. */
export const nameParams = (step: number): string => `step-${step}.safetensors`;

/** The file of the best parameters before the pointer names them. */
export const nameBest = (step: number): string => `best-${step}.safetensors`;

/** The file of the optimizer's state after a step. */
export const nameOptimizer = (step: number): string => `step-${step}.optimizer.safetensors`;

/** What a file of a generation is called until the pointer names that. */
export const nameNext = (name: string): string =>
  name.replace(/\.safetensors$/, ".next.safetensors");

/** What a file of a store is. */
export interface StoreFile {
  readonly kind: "pointer" | "params" | "optimizer" | "best" | "next best" | "next" | "temporary";
  readonly name: string;
  /** The step that it is of; 0 where it is of none. */
  readonly step: number;
}

const PATTERNS = [
  ["params", /^step-(\d+)\.safetensors$/],
  ["optimizer", /^step-(\d+)\.optimizer\.safetensors$/],
  ["next", /^step-(\d+)(?:\.optimizer)?\.next\.safetensors$/],
  ["next best", /^best-(\d+)\.safetensors$/],
  ["best", /^best\.safetensors$/],
  ["pointer", /^last\.json$/],
] as const;

/** Tells what a file is, by its name; undefined if it is none of a store. */
export function parseName(name: string): StoreFile | undefined {
  if (name.endsWith(TEMPORARY)) {
    const meant = parseName(name.slice(0, -TEMPORARY.length));
    return meant && { ...meant, kind: "temporary", name };
  }
  for (const [kind, pattern] of PATTERNS) {
    const match = pattern.exec(name);
    if (match) return { kind, name, step: Number(match[1] ?? 0) };
  }
  return undefined;
}

/**
 * Chooses the generations that are kept: the newest, and behind it the newest of those that are permanent. As long as none is, the
 * one before stays.
 *
 * @param generations The oldest first.
 */
export function chooseKept<G extends StoredGeneration>(
  generations: readonly G[],
  keep: number,
): G[] {
  const newest = generations.at(-1);
  if (!newest) return [];
  const before = generations.slice(0, -1);
  const permanent = before.filter(({ permanent }) => permanent);
  const isFirst = permanent.length === 0 && !newest.permanent;
  const behind = keep > 1 ? (isFirst ? before.slice(-1) : permanent.slice(1 - keep)) : [];
  return [...behind, newest];
}
