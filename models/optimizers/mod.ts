/**
 * Optimizers in pieces, and schedules of learning rates.
 *
 * @module
 */

export * from "./accumulate.ts";
export * from "./adadelta.ts";
export * from "./adagrad.ts";
export * from "./adam.ts";
export * from "./adamw.ts";
export * from "./averaged.ts";
export * from "./by_name.ts";
export * from "./clip.ts";
export * from "./init_optimizer_state.ts";
export * from "./list_trained.ts";
export * from "./optimizer.ts";
export * from "./optimizer_of.ts";
export * from "./rmsprop.ts";
export * from "./rule.ts";
export * from "./schedules/cosine_decay.ts";
export * from "./schedules/exponential_decay.ts";
export * from "./schedules/one_cycle.ts";
export * from "./schedules/polynomial_decay.ts";
export * from "./schedules/schedule.ts";
export * from "./schedules/step_decay.ts";
export * from "./sgd.ts";
export * from "./update_by_optimizer.ts";
export * from "./weight_decay.ts";
