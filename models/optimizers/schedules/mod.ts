/**
 * Schedules: settings, such as learning rates, that change from step to step.
 *
 * @module
 */

export * from "./cosine_decay.ts";
export * from "./exponential_decay.ts";
export * from "./one_cycle.ts";
export * from "./polynomial_decay.ts";
export * from "./schedule.ts";
export * from "./step_decay.ts";
