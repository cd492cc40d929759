/**
 * Networks of the literature.
 *
 * @module
 */

export * from "./alexnet.ts";
export * from "./alexnet2012.ts";
export * from "./lenet.ts";
export * from "./resnet18.ts";
export * from "./resnet8.ts";
