import { matchesPattern } from "../types/_names.ts";
import type { Group, Optimizer } from "./optimizer.ts";

/** What an optimizer does with one parameter. */
export interface Treatment {
  readonly trained: boolean;
  /** By what the learning rate is multiplied. */
  readonly rate: number;
  /** The weight decay. */
  readonly decay: number;
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
