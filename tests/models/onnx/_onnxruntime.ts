import { readFile } from "node:fs/promises";
import * as ort from "onnxruntime-web/wasm";

let opening: Promise<void> | undefined;

/** Gives the runtime its program, which lies beside its module; it would look for threads, and fetch it. */
async function open(): Promise<void> {
  const module = import.meta.resolve("onnxruntime-web/wasm");
  ort.env.wasm.numThreads = 1;
  ort.env.wasm.wasmBinary = await readFile(new URL("ort-wasm-simd-threaded.wasm", module));
}

/** What the runtime gives for a batch: the numbers, and their shape. */
export interface OnnxOutput {
  readonly data: Float32Array;
  readonly shape: readonly number[];
}

/** Runs an ONNX file in onnxruntime, for one batch after the other. */
export async function runOnnx(
  bytes: Uint8Array,
  batches: readonly OnnxOutput[],
): Promise<OnnxOutput[]> {
  await (opening ??= open());
  const session = await ort.InferenceSession.create(bytes);
  try {
    const outputs: OnnxOutput[] = [];
    for (const { data, shape } of batches) {
      const { logits } = await session.run({ input: new ort.Tensor("float32", data, [...shape]) });
      outputs.push({ data: (await logits!.getData()) as Float32Array, shape: logits!.dims });
    }
    return outputs;
  } finally {
    await session.release();
  }
}
