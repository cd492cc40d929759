import type { SizedBatch } from "../training_batch.ts";
import { PlanError } from "./training_error.ts";
import type { EvaluationPlan, PlanEvaluation, TrainingPlan } from "./training_plan.ts";

/** Loads the plan of a training that a module gives for such options, or takes one as it is. Throws a PlanError if it is none. */
export const loadPlan = async <B extends SizedBatch>(
  model: TrainingPlan<B> | URL | string,
  options: unknown,
): Promise<TrainingPlan<B>> => requireOptimizer(await loadEvaluationPlan(model, options), model);

/** Loads a plan that may be one of an evaluation only. Throws a PlanError if it is none. */
export async function loadEvaluationPlan<B extends SizedBatch>(
  model: EvaluationPlan<B> | URL | string,
  options: unknown,
): Promise<EvaluationPlan<B>> {
  if (typeof model === "object" && !(model instanceof URL)) {
    return checkPlan<B>(model, undefined);
  }
  const address = String(model);
  const { default: given } = await attempt<{ default?: unknown }>(
    address,
    "the module can't be loaded",
    () => import(address),
  );
  if (typeof given !== "function") {
    throw new PlanError(
      address,
      `its default export must be a function of the options that gives the plan, and is ${
        nameKind(given)
      }`,
    );
  }
  return await callPlan(given as PlanEvaluation<unknown, B>, options, address);
}

/** Calls the function that gives a plan. Throws a PlanError if it gives none. */
export async function callPlan<B extends SizedBatch>(
  createPlan: PlanEvaluation<unknown, B>,
  options: unknown,
  address?: string,
): Promise<EvaluationPlan<B>> {
  const given = await attempt(address, "its function failed", () => createPlan(options));
  return checkPlan<B>(given, address);
}

async function attempt<T>(
  address: string | undefined,
  what: string,
  fn: () => T | Promise<T>,
): Promise<T> {
  try {
    return await fn();
  } catch (cause) {
    throw new PlanError(address, `${what}: ${describe(cause)}`, { cause });
  }
}

function checkPlan<B extends SizedBatch>(
  plan: unknown,
  address: string | undefined,
): EvaluationPlan<B> {
  const refuse = (found: string): never => {
    throw new PlanError(address, found);
  };
  if (typeof plan !== "object" || plan === null) {
    return refuse(`it must be { network, … }, and is ${nameKind(plan)}`);
  }
  const { network }: Partial<EvaluationPlan<B>> = plan;
  if (isEither(network)) {
    if (network._tag === "Left") return refuse(describe(network.left));
    return refuse("its network must be opened first, as by getOrThrow(build(…))");
  }
  if (typeof network?.apply !== "function" || !Array.isArray(network.parameters)) {
    return refuse(`its network must be one that build made, and is ${nameKind(network)}`);
  }
  return plan as EvaluationPlan<B>;
}

/** Takes a plan for one of a training, which has an optimizer. Throws a PlanError if it has none. */
export function requireOptimizer<B extends SizedBatch>(
  plan: EvaluationPlan<B>,
  model: unknown,
): TrainingPlan<B> {
  const { optimizer }: Partial<TrainingPlan<B>> = plan;
  if (typeof optimizer?.learningRate === "function" && typeof optimizer.rule === "object") {
    return plan as TrainingPlan<B>;
  }
  throw new PlanError(
    typeof model === "string" || model instanceof URL ? String(model) : undefined,
    `its optimizer must be one such as adam(), and is ${nameKind(optimizer)}`,
  );
}

const isEither = (value: unknown): value is { readonly _tag: string; readonly left: unknown } =>
  typeof value === "object" && value !== null && "_tag" in value;

const describe = (thrown: unknown): string =>
  thrown instanceof Error ? thrown.message || thrown.name : String(thrown);

function nameKind(value: unknown): string {
  if (value === undefined) return "missing";
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  return typeof value === "object" ? "another object" : `a ${typeof value}`;
}

/** Describes a plan part by part in words, so that those of two threads can be compared. */
export const outlinePlan = (
  { network: { inputShape, outputShape, parameters, buffers, layers }, optimizer }:
    & Pick<EvaluationPlan, "network">
    & Partial<Pick<TrainingPlan, "optimizer">>,
): string[] => [
  `inputs of [${inputShape}]`,
  `outputs of [${outputShape}]`,
  ...[...parameters, ...buffers].map(({ name, shape }) => `${name} of [${shape}]`),
  ...layers.map(({ name, layer }) => `${name}, ${layer}`),
  ...optimizer
    ? [
      `the optimizer ${JSON.stringify(optimizer)} with a learning rate of ${
        optimizer.learningRate(1)
      }`,
    ]
    : [],
];

/** Finds the first difference between two outlines, as what is in the second. */
export function findDifference(
  first: readonly string[],
  second: readonly string[],
): string | undefined {
  for (let i = 0; i < Math.max(first.length, second.length); i++) {
    if (first[i] !== second[i]) {
      return `${second[i] ?? "nothing"} in the place of ${first[i] ?? "nothing"}`;
    }
  }
  return undefined;
}
