// A worker that predicts on the backend that it is told to open.
import { openBackend } from "@rill/rill/models";
import { predict } from "./predict.ts";

const scope = globalThis as unknown as {
  onmessage: (event: { readonly data: "wasm" | "webgpu" }) => void;
  postMessage(result: unknown): void;
};
scope.onmessage = async ({ data: name }) => {
  try {
    const backend = await openBackend(name);
    const logits = await predict();
    await backend.close();
    scope.postMessage({ description: backend.description, logits });
  } catch (error) {
    scope.postMessage({ error: String(error) });
  }
};
