/** Models as pure builder functions, their training, and their weights: what is computed. @module */
export * from "./backend/mod.ts";
export * from "./build.ts";
export * from "./find_device.ts";
export * from "./layers/mod.ts";
export * from "./losses/mod.ts";
export * from "./networks/mod.ts";
export * from "./open_backend.ts";
export * from "./ops/mod.ts";
export * from "./optimizers/mod.ts";
export * from "./parallel/mod.ts";
export * from "./random/mod.ts";
export * from "./training/mod.ts";
export * from "./types/mod.ts";
export * from "./weights/mod.ts";
