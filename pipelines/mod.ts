/** Stream stages: how data moves. Knows nothing of tensors or of models. @module */
export type { Stage } from "./stage.ts";
export type { Image, ImageData } from "./image.ts";
export type { Example } from "./example.ts";
export type { Batch } from "./image_batch.ts";
