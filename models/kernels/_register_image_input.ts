import * as tf from "@tensorflow/tfjs-core";
import { imageInputOnHost } from "./host/_image_input_on_host.ts";
import { IMAGE_INPUT, type ImageInputAttrs } from "./definitions/_kernel_names.ts";
import { replaceKernel } from "./definitions/_replace_kernel.ts";
import type { WasmBackend } from "./wasm/_wasm_backend.ts";
import type { GpuBackend } from "./webgpu/device/_gpu_backend.ts";
import { imageInputByProgram } from "./webgpu/_image_input.ts";

/** Registers the kernel that makes a network's input of bytes, for every backend. */
export function registerImageInput(): void {
  const shapeOf = ({ images: [size, , , channels], to }: ImageInputAttrs) => [
    size,
    ...to,
    channels,
  ];
  const onHost = (attrs: ImageInputAttrs) => {
    const result = new Float32Array(tf.util.sizeFromShape(shapeOf(attrs)));
    imageInputOnHost(attrs, result);
    return result;
  };
  replaceKernel("webgpu", IMAGE_INPUT, (call) => {
    const gpu = call.backend as GpuBackend;
    const attrs = call.attrs as ImageInputAttrs;
    return imageInputByProgram(gpu, attrs) ??
      gpu.makeTensorInfo(shapeOf(attrs), "float32", onHost(attrs));
  });
  replaceKernel("wasm", IMAGE_INPUT, ({ attrs, backend }) => {
    const wasm = backend as WasmBackend;
    const result = wasm.makeOutput(shapeOf(attrs as ImageInputAttrs), "float32");
    imageInputOnHost(attrs as ImageInputAttrs, wasm.typedArrayFromHeap(result));
    return result;
  });
  replaceKernel(
    "cpu",
    IMAGE_INPUT,
    ({ attrs }) => tf.tensor(onHost(attrs as ImageInputAttrs), shapeOf(attrs as ImageInputAttrs)),
  );
}
