import * as tf from "@tensorflow/tfjs-core";
import type { Backend, OpenedBackend } from "../backend/backend.ts";
import { BackendError } from "../backend/backend_error.ts";

/** The backend that is open, or about to be. */
let current: Pick<Backend, "description"> | undefined;

/**
 * Opens a backend where none is open: tensors belong to none, so that with two of them some would go to the wrong one.
 *
 * @throws {BackendError} If one is open.
 */
export async function openOnce(
  choice: string,
  open: () => Promise<OpenedBackend>,
): Promise<Backend> {
  if (current) {
    throw new BackendError(
      choice,
      `Cannot open a second backend while ${current.description} is open: close it first`,
      { code: "already-open" },
    );
  }
  current = { description: "another one" };
  try {
    const backend = current = await open();
    let closing: Promise<void> | undefined;
    const close = () =>
      closing ??= backend.close().finally(() => {
        forgetTensors();
        current = undefined;
      });
    return { ...backend, close, [Symbol.asyncDispose]: close };
  } catch (error) {
    current = undefined;
    throw error;
  }
}

/** Makes tfjs forget the tensors of a closed backend: their memory is gone, so none must be counted or released. */
function forgetTensors(): void {
  Object.assign(tf.engine().state, {
    numTensors: 0,
    numBytes: 0,
    numDataBuffers: 0,
    numStringTensors: 0,
    tensorInfo: new WeakMap(),
  });
}

/** Where the program of the WASM backend that is open, or of the last one, was loaded from. */
let address: string | undefined;

/** Keeps the address of tfjs's program that the WASM backend is opened with. */
export function keepProgramAddress(href: string): void {
  address = href;
}

/** Gives the address of tfjs's program that the WASM backend was opened with, for other threads to load it from there. */
export const getProgramAddress = (): string | undefined => address;
