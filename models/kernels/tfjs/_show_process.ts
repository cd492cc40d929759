import { env } from "@tensorflow/tfjs-core-package";
import { showProcess } from "./_hide_process.ts";

showProcess();

const environment = env() as unknown as {
  readonly platform?: object;
  readonly flags: Record<string, unknown>;
  setPlatform(name: string, platform: object): void;
};

if (!environment.platform) {
  // It was found out while there seemed to be none.
  delete environment.flags.IS_NODE;
  // What all runtimes have alike.
  environment.setPlatform("rill", {
    fetch: (path: string, init?: RequestInit) => fetch(path, init),
    now: () => performance.now(),
    encode: (text: string) => new TextEncoder().encode(text),
    decode: (bytes: Uint8Array, encoding: string) => new TextDecoder(encoding).decode(bytes),
    isTypedArray: (value: unknown) =>
      value instanceof Float32Array || value instanceof Int32Array ||
      value instanceof Uint8Array || value instanceof Uint8ClampedArray,
  });
}
