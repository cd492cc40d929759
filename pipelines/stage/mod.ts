/**
 * The contract of a stage, and what every stage is made of: positions, errors, closing.
 *
 * @module
 */

export * from "./allocate.ts";
export * from "./position.ts";
export * from "./resumable.ts";
export * from "./resume_from.ts";
export * from "./stage.ts";
export * from "./stage_error.ts";
export * from "./stage_of.ts";
export * from "./stage_run.ts";
export * from "./with_position.ts";
