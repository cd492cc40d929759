import type { Group, Optimizer } from "./optimizer.ts";

/** What an optimizer does with one parameter. */
export interface Treatment {
  readonly trained: boolean;
  /** By what the learning rate is multiplied. */
  readonly rate: number;
  /** The weight decay. */
  readonly decay: number;
}

/** Tells whether a name fits a pattern, in which `*` stands for any characters. */
export function matchesPattern(pattern: string, name: string): boolean {
  const [first = "", ...rest] = pattern.split("*");
  const last = rest.pop();
  if (last === undefined) return name === first;
  if (!name.startsWith(first) || !name.endsWith(last)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = name.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at + last.length <= name.length;
}

const known = new WeakMap<Optimizer, Map<string, Treatment>>();

/** Finds what an optimizer does with a parameter. */
export function getTreatment(optimizer: Optimizer, name: string): Treatment {
  const treatments = known.get(optimizer) ?? new Map<string, Treatment>();
  known.set(optimizer, treatments);
  const found = treatments.get(name);
  if (found) return found;
  const { groups, frozen = [], decay } = optimizer;
  const matches = (pattern: string) => matchesPattern(pattern, name);
  const group: Partial<Group> = groups.find(({ names }) => names.some(matches)) ?? {};
  const treatment = {
    trained: !group.frozen && !frozen.some(matches),
    rate: group.learningRate ?? 1,
    decay: group.weightDecay ?? decay?.rate ?? 0,
  };
  treatments.set(name, treatment);
  return treatment;
}
