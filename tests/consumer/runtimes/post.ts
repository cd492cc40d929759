// What pages have in common.
import { openBackend, type OpenBackendOptions } from "@rill/rill/models";

/** Hands the result of a page over to the test. */
export async function post(result: unknown): Promise<void> {
  await fetch("/results", { method: "POST", body: JSON.stringify(result) });
}

/** Says with what message the WASM backend can't be opened. */
export async function refuse(options?: OpenBackendOptions): Promise<string> {
  try {
    await (await openBackend("wasm", options)).close();
    return "opened";
  } catch (error) {
    return String(error);
  }
}

/** What a worker answers. */
export interface Answer {
  readonly description?: string;
  readonly logits?: readonly number[];
  readonly error?: string;
}

/** Has a worker predict on a backend. */
export async function askWorker(name: "wasm" | "webgpu"): Promise<Answer> {
  const worker = new Worker(new URL("./predict_in_worker.js", import.meta.url), { type: "module" });
  try {
    return await new Promise((resolve) => {
      worker.onmessage = ({ data }: MessageEvent<Answer>) => resolve(data);
      worker.onerror = ({ message }) => resolve({ error: message || "the worker can't be loaded" });
      worker.postMessage(name);
    });
  } finally {
    worker.terminate();
  }
}
