/**
 * Optimizers and schedules of learning rates.
 *
 * @module
 */

export * from "./adam.ts";
export * from "./optimizer.ts";
export * from "./schedule.ts";
export * from "./sgd.ts";
