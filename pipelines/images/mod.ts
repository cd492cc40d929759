/**
 * Stages that resize, crop, color and normalize images, at random or not, and those that batch them; and the operations
 * on one image that they are made of.
 *
 * @module
 */
export * from "./batch.ts";
export * from "./center_crop.ts";
export * from "./color_jitter.ts";
export * from "./flip.ts";
export * from "./gather.ts";
export * from "./grayscale.ts";
export * from "./mixup.ts";
export * from "./normalize.ts";
export * from "./operations/adjust.ts";
export * from "./operations/crop_image.ts";
export * from "./operations/sharpness.ts";
export * from "./operations/tones.ts";
export * from "./pca_lighting.ts";
export * from "./random_crop.ts";
export * from "./random_erasing.ts";
export * from "./random_resized_crop.ts";
export * from "./resize.ts";
export * from "./to_float.ts";
export * from "./unbatch.ts";
