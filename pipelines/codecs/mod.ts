/**
 * Data sets of images in files of their own formats, IDX and CIFAR; headers and orientation of PNG, JPEG and WebP, and the
 * errors and options of decoding them, whose decoder and folders have entry points of their own,
 * `pipelines/decode-image` and `pipelines/image-folder`, as they load packages and read files.
 *
 * @module
 */
export * from "./cifar_error.ts";
export * from "./cifar_examples.ts";
export * from "./decode_image_options.ts";
export * from "./encode_png.ts";
export * from "./idx_examples.ts";
export * from "./image_error.ts";
export * from "./image_folder_error.ts";
export * from "./orient_image.ts";
export * from "./read_image_header.ts";
