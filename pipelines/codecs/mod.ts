/**
 * Data sets of images in files of their own formats, IDX and CIFAR; and the errors and options of decoding PNG, JPEG and WebP,
 * whose decoder and folders have entry points of their own,
 * `pipelines/decode-image` and `pipelines/image-folder`, as they load packages and read files.
 *
 * @module
 */
export * from "./cifar_error.ts";
export * from "./cifar_examples.ts";
export * from "./decode_image_options.ts";
export * from "./idx_examples.ts";
export * from "./image_error.ts";
export * from "./image_folder_error.ts";
