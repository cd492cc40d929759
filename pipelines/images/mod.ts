/**
 * Stages that resize, crop, color and normalize images, at random or not, and those that batch them; the operations
 * on one image that they are made of; and the web platform's pictures to images and back.
 *
 * @module
 */
export * from "./batch.ts";
export * from "./center_crop.ts";
export * from "./gather.ts";
export * from "./grayscale.ts";
export * from "./map_image.ts";
export * from "./mix/cut_mix.ts";
export * from "./mix/mixup.ts";
export * from "./mix/one_hot.ts";
export * from "./normalize.ts";
export * from "./operations/adjust.ts";
export * from "./operations/affine.ts";
export * from "./operations/crop_image.ts";
export * from "./operations/gaussian_blur.ts";
export * from "./operations/multi_crop.ts";
export * from "./operations/pad_image.ts";
export * from "./operations/perspective.ts";
export * from "./operations/resize_shorter_side.ts";
export * from "./operations/sharpness.ts";
export * from "./operations/tones.ts";
export * from "./random/color_jitter.ts";
export * from "./random/flip.ts";
export * from "./random/pca_lighting.ts";
export * from "./random/rand_augment.ts";
export * from "./random/random_affine.ts";
export * from "./random/random_blur.ts";
export * from "./random/random_crop.ts";
export * from "./random/random_erasing.ts";
export * from "./random/random_perspective.ts";
export * from "./random/random_region.ts";
export * from "./random/random_resized_crop.ts";
export * from "./random/random_rotation.ts";
export * from "./random/random_tones.ts";
export * from "./random/trivial_augment.ts";
export * from "./resize.ts";
export * from "./to_float.ts";
export * from "./unbatch.ts";
export * from "./web/encode_image_blob.ts";
export * from "./web/image_bitmap.ts";
export * from "./web/image_data.ts";
export * from "./web/video_frame.ts";
export * from "./web/web_image.ts";
