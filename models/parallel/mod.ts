/**
 * Communicators of ranks that train together.
 *
 * @module
 */

export * from "./communicator.ts";
export * from "./shared_communicator.ts";
export * from "./single_process.ts";
