/**
 * The data of image pipelines: encoded images, images, examples and batches, and the recycling of a batch's memory.
 *
 * @module
 */
export * from "./batch.ts";
export * from "./encoded_image.ts";
export * from "./example.ts";
export * from "./image.ts";
export * from "./recycle.ts";
