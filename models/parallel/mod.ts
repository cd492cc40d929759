/**
 * Communicators of ranks that train together.
 *
 * @module
 */

export * from "./communicator.ts";
export * from "./gather_texts.ts";
export * from "./nested_communicator.ts";
export * from "./shared_communicator.ts";
export * from "./single_process.ts";
