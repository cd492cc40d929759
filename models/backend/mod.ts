/**
 * Backends, devices, and their errors.
 *
 * @module
 */

export * from "./backend.ts";
export * from "./backend_error.ts";
export * from "./device.ts";
export * from "./open_backend_options.ts";
