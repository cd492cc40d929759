/**
 * Networks of the literature.
 *
 * @module
 */

export * from "./alexnet.ts";
export * from "./alexnet2012.ts";
export * from "./alexnet_torchvision.ts";
export * from "./densenet.ts";
export * from "./googlenet.ts";
export * from "./lenet.ts";
export * from "./mobilenet_v2.ts";
export * from "./nin.ts";
export * from "./resnet.ts";
export * from "./resnet8.ts";
export * from "./squeezenet.ts";
export * from "./vgg.ts";
