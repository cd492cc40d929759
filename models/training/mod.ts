/**
 * Training and evaluation steps, their state and their metrics.
 *
 * @module
 */

export * from "./add_evaluations.ts";
export * from "./averaged_params.ts";
export * from "./checkpoints/checkpoint_reader.ts";
export * from "./checkpoints/checkpoint_store.ts";
export * from "./checkpoints/copy_training.ts";
export * from "./checkpoints/decode_checkpoint.ts";
export * from "./checkpoints/encode_checkpoint.ts";
export * from "./checkpoints/file_system.ts";
export * from "./checkpoints/file_system_error.ts";
export * from "./checkpoints/save_beside.ts";
export * from "./epochs/evaluate_batches.ts";
export * from "./epochs/evaluate_in_threads.ts";
export * from "./epochs/find_not_finite_step.ts";
export * from "./epochs/save_each.ts";
export * from "./epochs/stop_early.ts";
export * from "./epochs/train_epochs.ts";
export * from "./epochs/training_event.ts";
export * from "./epochs/training_options.ts";
export * from "./eval_step.ts";
export * from "./find_not_finite.ts";
export * from "./image_input.ts";
export * from "./metrics.ts";
export * from "./predict_layers.ts";
export * from "./predict_step.ts";
export * from "./share_batch.ts";
export * from "./threads/run_training_thread.ts";
export * from "./threads/thread_options.ts";
export * from "./threads/training_error.ts";
export * from "./threads/training_plan.ts";
export * from "./threads/training_worker.ts";
export * from "./train_state.ts";
export * from "./train_step.ts";
export * from "./training_batch.ts";
