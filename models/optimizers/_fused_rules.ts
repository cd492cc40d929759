// Rules that backends have as kernels. Which ones these are is nobody else's affair: a rule of one's own differs in speed alone.
import type { Settings, UpdateAttrs } from "../ops/_updates.ts";
import type { Rule } from "./rule.ts";

/** A rule as kernels know it. */
export interface FusedRule {
  /** The kernels' name of it. */
  readonly rule: UpdateAttrs["rule"];
  /** The settings that are the same at each update. */
  readonly settings: Settings;
  /** Computes the settings that depend on the update's number, three at most. */
  readonly number: (step: number, learningRate: number) => Settings;
}

const fused = new WeakMap<Rule, FusedRule>();

/** Gives the rule back, known to kernels from now on. */
export function fuse<Slot extends string>(rule: Rule<Slot>, kernel: FusedRule): Rule<Slot> {
  fused.set(rule, kernel);
  return rule;
}

/** Finds what kernels know a rule by, if they do. */
export function findFused(rule: Rule): FusedRule | undefined {
  return fused.get(rule);
}
