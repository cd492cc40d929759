/**
 * Parameters, optimizers' states and checkpoints at rest: safetensors.
 *
 * @module
 */

export * from "./checkpoint.ts";
export * from "./checkpoint_error.ts";
export * from "./decode_pth.ts";
export * from "./decode_safetensors.ts";
export * from "./encode_safetensors.ts";
export * from "./optimizer_state.ts";
export * from "./params.ts";
