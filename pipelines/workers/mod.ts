/**
 * Stages that work in threads, and policies for records that a stage fails on.
 *
 * @module
 */

export * from "./in_workers.ts";
export * from "./record_policy.ts";
export * from "./with_record_policy.ts";
export * from "./worker_error.ts";
export * from "./worker_pool.ts";
