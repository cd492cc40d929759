/**
 * Operations on one image, as torchvision's functional transforms are on Pillow's images. The stages are made of them.
 *
 * @module
 */
export * from "./adjust.ts";
export * from "./crop_image.ts";
