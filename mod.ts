/**
 * Rill: stream stages that feed neural networks, and models as pure builder functions.
 *
 * @module
 */

export * from "./pipelines/mod.ts";
export * from "./models/mod.ts";
