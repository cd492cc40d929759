/** What flows through image pipelines: images, examples and batches. @module */
export * from "./batch.ts";
export * from "./encoded_image.ts";
export * from "./example.ts";
export * from "./image.ts";
export * from "./recycle.ts";
