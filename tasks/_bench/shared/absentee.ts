/** One that isn't there to be measured, and why. */
export interface Absentee {
  readonly name: string;
  readonly missing: string;
}

/** Parts those who can be measured from those who can't. */
export function splitAbsentees<T extends object>(
  found: readonly (T | Absentee)[],
): { readonly contestants: readonly T[]; readonly missing: readonly Absentee[] } {
  const contestants: T[] = [];
  const missing: Absentee[] = [];
  for (const one of found) {
    if (isAbsentee(one)) missing.push(one);
    else contestants.push(one);
  }
  return { contestants, missing };
}

/** Tells whether one can't be measured. */
export const isAbsentee = (one: object): one is Absentee => "missing" in one;
