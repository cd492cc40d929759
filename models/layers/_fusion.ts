// That two layers run as one program is the kernels' affair: which layers can is noted beside their plans, in no public type.
import type { Rectifier } from "../ops/_batch_norm.ts";
import type { Epilogue } from "../ops/_epilogue.ts";
import type { Tensor } from "../types/tensor.ts";
import type { Applied, Built, Pass, Plan } from "./layer.ts";

/** How a layer can share a program with others. */
export interface PlanFusion<P extends string = string, B extends string = string> {
  /** Does the same as `apply` with an epilogue after it: a layer that ends with a product has it. */
  product?(
    x: Tensor,
    own: Readonly<Record<P, Tensor>>,
    epilogue: Epilogue,
  ): Tensor;
  /**
   * Gives the layer as an epilogue of the one before it, an empty one where it can't be: a layer that can be one has it. Its own
   * tensors are found when they are asked for.
   */
  epilogue?(pass: Pass, getOwn: () => Readonly<Record<P | B, Tensor>>): Epilogue;
  /** Does the same as `apply` with a rectifier after it: a layer whose last pass over the numbers can limit them has it. */
  rectified?(
    x: Tensor,
    own: Readonly<Record<P | B, Tensor>>,
    pass: Pass,
    rectifier: Rectifier,
  ): Tensor | Applied<B>;
  /** What the layer limits numbers by, if that is all that it does. */
  readonly rectifier?: Rectifier | undefined;
}

/** How a layer that has been built can share a program with others, and memory. */
export interface BuiltFusion {
  /**
   * Whether it and all below it say what they compute. Only of such is it known that they leave no tensor of a pass with anyone
   * else, so that what lies between two of them is released as soon as the second has run.
   */
  readonly isKnown?: boolean;
  /** Does the same as the layer with an epilogue after it. */
  product?(x: Tensor, pass: Pass, epilogue: Epilogue): Tensor;
  /** Gives the layer as an epilogue of the one before it. */
  epilogue?(pass: Pass): Epilogue;
  /** Does the same as the layer with a rectifier after it. */
  rectified?(x: Tensor, pass: Pass, rectifier: Rectifier): Tensor;
  /** What the layer limits numbers by, if that is all that it does. */
  readonly rectifier?: Rectifier | undefined;
}

const plans = new WeakMap<object, PlanFusion>();
const builts = new WeakMap<Built, BuiltFusion>();

/** Notes how a layer can share a program with others. */
export function withFusion<P extends string, B extends string = never>(
  plan: Plan<P, B>,
  fusion: PlanFusion<P, B>,
): Plan<P, B> {
  plans.set(plan, fusion);
  return plan;
}

/** Gets how a layer can share a program with others, if it can. */
export function getPlanFusion(plan: Plan<string, string>): PlanFusion | undefined {
  return plans.get(plan);
}

/** Notes how a layer that has been built can share a program with others. */
export function setBuiltFusion(built: Built, fusion: BuiltFusion): void {
  builts.set(built, fusion);
}

/** Gets how a layer that has been built can share a program with others, if it can. */
export function getBuiltFusion(built: Built): BuiltFusion {
  return builts.get(built) ?? {};
}
