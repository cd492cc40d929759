/**
 * Networks as ONNX files; `encodeOnnx` itself, which brings a package, is had by its own entry point.
 *
 * @module
 */

export * from "./onnx_error.ts";
