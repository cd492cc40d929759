/**
 * Training and evaluation steps, their state and their metrics.
 *
 * @module
 */

export * from "./add_evaluations.ts";
export * from "./averaged_params.ts";
export * from "./eval_step.ts";
export * from "./image_input.ts";
export * from "./metrics.ts";
export * from "./predict_step.ts";
export * from "./share_batch.ts";
export * from "./train_state.ts";
export * from "./train_step.ts";
export * from "./training_batch.ts";
