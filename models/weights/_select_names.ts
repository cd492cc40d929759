import { fail } from "./_fault.ts";
import { clip } from "./_header_json.ts";
import type { TensorSelection } from "./checkpoint.ts";

/** Selects entries by their names. A name in a list that is no tensor's and no module's is a fault. */
export function selectNames<T extends { readonly name: string }>(
  entries: readonly T[],
  only: TensorSelection | undefined,
): readonly T[] {
  if (!only) return entries;
  if (typeof only === "function") return entries.filter(({ name }) => only(name));
  const found = new Set<string>();
  const selected = entries.filter(({ name }) => {
    const matching = only.filter((wanted) => name === wanted || name.startsWith(`${wanted}.`));
    for (const wanted of matching) found.add(wanted);
    return matching.length > 0;
  });
  const missing = only.filter((wanted) => !found.has(wanted));
  if (missing.length > 0) {
    fail(`no tensor or module in it is called ${missing.slice(0, 8).map(clip).join(", ")}`);
  }
  return selected;
}
