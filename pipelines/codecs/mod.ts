/**
 * The errors and options of decoding PNG, JPEG and WebP. The decoder and image folders have entry points of their own,
 * `pipelines/decode-image` and `pipelines/image-folder`, as they load packages and read files.
 *
 * @module
 */
export * from "./decode_image_options.ts";
export * from "./image_error.ts";
export * from "./image_folder_error.ts";
