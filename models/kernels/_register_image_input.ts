import * as tf from "@tensorflow/tfjs-core";
import { IMAGE_INPUT, type ImageInputAttrs } from "./definitions/_kernel_names.ts";
import { replaceKernel } from "./definitions/_replace_kernel.ts";
import { makeImageInputOnHost } from "./host/_image_input_on_host.ts";
import type { WasmBackend } from "./wasm/_wasm_backend.ts";
import { makeImageInput } from "./webgpu/_image_input.ts";
import type { GpuBackend } from "./webgpu/device/_gpu_backend.ts";

/** Registers the kernel that makes a network's input of bytes, for every backend. */
export function registerImageInput(): void {
  const getShape = ({ images: [size, , , channels], to }: ImageInputAttrs) => [
    size,
    ...to,
    channels,
  ];
  const makeOnHost = (attrs: ImageInputAttrs) => {
    const result = new Float32Array(tf.util.sizeFromShape(getShape(attrs)));
    makeImageInputOnHost(attrs, result);
    return result;
  };
  replaceKernel("webgpu", IMAGE_INPUT, ({ attrs, backend }) => {
    const gpu = backend as GpuBackend;
    return makeImageInput(gpu, attrs) ??
      gpu.makeTensorInfo(getShape(attrs), "float32", makeOnHost(attrs));
  });
  replaceKernel("wasm", IMAGE_INPUT, ({ attrs, backend }) => {
    const wasm = backend as WasmBackend;
    const result = wasm.makeOutput(getShape(attrs), "float32");
    makeImageInputOnHost(attrs, wasm.typedArrayFromHeap(result));
    return result;
  });
  replaceKernel(
    "cpu",
    IMAGE_INPUT,
    ({ attrs }) => tf.tensor(makeOnHost(attrs), getShape(attrs)),
  );
}
