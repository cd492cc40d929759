/**
 * Networks of the literature.
 *
 * @module
 */

export * from "./alexnet.ts";
