import * as ops from "../ops/_ops.ts";
import { add, multiply } from "../ops/arithmetic.ts";
import { isSameShape } from "../types/_shape.ts";
import { disposeTensors, getTensor } from "../types/_tensors.ts";
import type { Params, Tensor } from "../types/tensor.ts";
import { findFused, type FusedRule } from "./_fused_rules.ts";
import { getTreatment, type Treatment } from "./_names.ts";
import type { Optimizer, OptimizerState } from "./optimizer.ts";
import type { Rule } from "./rule.ts";

/** A parameter and its running values by the rule's names for them, with the parameter's gradient and its treatment. */
interface Update {
  readonly name: string;
  readonly values: Params;
  readonly treatment: Treatment;
}

/** Decays parameters, and updates them by the optimizer's rule. Consumes them and their running values. */
export function applyRule(
  optimizer: Optimizer,
  names: readonly string[],
  { params, gradients, state, unscaled }: {
    readonly params: Params;
    readonly gradients: Params;
    readonly state: OptimizerState;
    /** Whether gradients have been divided by the loss's scale. */
    readonly unscaled: boolean;
  },
): { readonly params: Params; readonly slots: OptimizerState["slots"] } {
  const slots = Object.keys(optimizer.rule.slots);
  const running = slots.map((slot) => [slot, getSlot(state, slot)] as const);
  const updates = names.map((name) => ({
    name,
    values: {
      parameter: getTensor(params, name),
      gradient: getTensor(gradients, name),
      ...Object.fromEntries(running.map(([slot, values]) => [slot, getTensor(values, name)])),
    },
    treatment: getTreatment(optimizer, name),
  }));
  const fused = findFused(optimizer.rule);
  const updated = new Map<string, Params>();
  try {
    if (fused) {
      for (const alike of groupByTreatment(updates)) {
        const results = updateByKernel(optimizer, fused, alike, state, unscaled);
        for (const [i, { name }] of alike.entries()) updated.set(name, results[i]!);
      }
    } else {
      for (const update of updates) {
        updated.set(update.name, updateByRule(optimizer, update, state));
      }
    }
  } catch (error) {
    updated.forEach(disposeTensors);
    throw error;
  }
  const collect = (before: Params, own: string) =>
    Object.fromEntries(
      Object.entries(before).map(([name, tensor]) => [name, updated.get(name)?.[own] ?? tensor]),
    );
  return {
    params: collect(params, "parameter"),
    slots: Object.fromEntries(running.map(([slot, values]) => [slot, collect(values, slot)])),
  };
}

/** Gets the number of the next update, from 1, as far as the host knows: the device may have skipped some. */
function getNextNumber({ step, skipped = 0 }: OptimizerState): number {
  return step + 1 - skipped;
}

/** Gets the running values of a slot. Throws a RangeError if the state lacks them. */
function getSlot({ slots }: OptimizerState, slot: string): Params {
  const values = slots[slot];
  if (values) return values;
  throw new RangeError(
    `Cannot update with a state that lacks ${slot}: it has ${
      Object.keys(slots).join(", ") || "no running values"
    }`,
  );
}

/** Groups updates that have the same settings. */
function groupByTreatment(updates: readonly Update[]): Iterable<readonly Update[]> {
  const groups = new Map<string, Update[]>();
  for (const update of updates) {
    const { rate, decay } = update.treatment;
    const key = `${rate} ${decay}`;
    const group = groups.get(key);
    if (group) group.push(update);
    else groups.set(key, [update]);
  }
  return groups.values();
}

function updateByKernel(
  { rule, learningRate, decay: how }: Optimizer,
  fused: FusedRule,
  updates: readonly Update[],
  state: OptimizerState,
  unscaled: boolean,
): Params[] {
  const { rate, decay } = updates[0]!.treatment;
  const decoupled = decay > 0 && how?.decoupled === true;
  const numberSettings = (number: number) => {
    const own = computeRate(learningRate, number) * rate;
    return { ...fused.number(number, own), ...decoupled && { keep: 1 - own * decay } };
  };
  const number = getNextNumber(state);
  const earlier = state.scaling ? Math.min(number - 1, ops.MOST_SKIPPED) : 0;
  return ops.updateByKernel(
    {
      rule: fused.rule,
      own: ["parameter", ...Object.keys(rule.slots)],
      settings: { ...fused.settings, ...decay > 0 && !decoupled && { decay } },
      numbered: [
        numberSettings(number),
        ...Array.from({ length: earlier }, (_, i) => numberSettings(number - 1 - i)),
      ],
      unscaled,
    },
    updates.map(({ values }) => values),
    state.scaling,
  );
}

/** Computes the learning rate of an update. Throws a RangeError unless the schedule gives a finite number. */
function computeRate(learningRate: Optimizer["learningRate"], step: number): number {
  const rate: unknown = learningRate(step);
  if (typeof rate === "number" && Number.isFinite(rate)) return rate;
  throw new RangeError(
    `Cannot update with learningRate ${rate} at step ${step}: the schedule must give a finite number`,
  );
}

/** Updates one parameter by what a rule does with tensors. */
function updateByRule(
  { rule, learningRate, decay: how }: Optimizer,
  { name, values, treatment: { rate, decay } }: Update,
  state: OptimizerState,
): Params {
  const step = getNextNumber(state);
  const own = computeRate(learningRate, step) * rate;
  const { gradient: _, ...before } = values;
  const updated = ops.tidy(() => {
    const given: Record<string, Tensor> = { ...values };
    const parameter = getTensor(values, "parameter");
    if (decay > 0 && how?.decoupled) given.parameter = multiply(parameter, 1 - own * decay);
    else if (decay > 0) {
      given.gradient = add(multiply(parameter, decay), getTensor(values, "gradient"));
    }
    const result = rule.update(
      given as Parameters<Rule["update"]>[0],
      { step, learningRate: own },
    );
    return takeResults(rule, name, before, result, state.scaling);
  });
  disposeTensors(before);
  return updated;
}

/** Takes the tensors that a rule gave. Throws a RangeError unless these are what it must give. */
function takeResults(
  rule: Rule,
  parameter: string,
  before: Params,
  result: Readonly<Record<string, Tensor | undefined>>,
  scaling: Tensor | undefined,
): Params {
  const refuse = (fault: string) => {
    throw new RangeError(`Cannot update ${parameter} by ${rule.name}: ${fault}`);
  };
  for (const name of Object.keys(result)) {
    if (!(name in before)) refuse(`it gave ${name}, which is neither the parameter nor a slot`);
  }
  return Object.fromEntries(
    Object.entries(before).map(([name, old]) => {
      const next = result[name];
      if (!next) return refuse(`it gave no ${name}`);
      if (!isSameShape(next.shape, old.shape)) {
        refuse(`its ${name} has shape [${next.shape}] in the place of [${old.shape}]`);
      }
      // Another handle, since the rule may have given a tensor that is the caller's, or one tensor twice.
      return [name, scaling ? ops.chooseUpdated(old, next, scaling) : ops.share(next)];
    }),
  );
}
