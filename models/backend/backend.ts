import type { AsyncDisposal } from "../types/tensor.ts";

/** A tensor backend that has been opened and is in use. */
export interface Backend extends AsyncDisposal {
  /** The backend's name. */
  readonly name: "webgpu" | "wasm";
  /** Whether it runs on a GPU and not on the CPU. */
  readonly hardware: boolean;
  /** The device that it runs on, for people. */
  readonly description: string;
  /** Why this one was taken. */
  readonly reason: string;
  /**
   * The result of the tuning that `openBackend` was given: for how many classes of products it has this adapter's fastest
   * programs, or why it is ignored. Absent where the tuning has no programs for this adapter.
   */
  readonly tuning?: { readonly classes: number } | { readonly ignored: string };
  /**
   * Waits until the device has done all that it was given.
   *
   * @throws {BackendError} As `check` does.
   */
  sync(): Promise<void>;
  /**
   * Throws the error that the device reported out of band since the backend was opened, such as a failed allocation: WebGPU
   * goes on with zeros after those.
   *
   * @throws {BackendError} If there was an error; a `DeviceMemoryError` if memory ran out.
   */
  check(): void;
  /**
   * Finds the backend's own error behind a thrown one: the error that the device reported, or a `DeviceMemoryError` where
   * the thrown one says that memory ran out.
   *
   * @param error The thrown error.
   * @returns The `BackendError`, or the error given if there is nothing behind it.
   */
  toBackendError(error: unknown): unknown;
  /** Releases all tensors and the device, as does the end of the scope of an `await using` declaration. A second call does nothing. */
  close(): Promise<void>;
}

/** A backend as its kernels' module opens it. */
export type OpenedBackend = Omit<Backend, keyof AsyncDisposal>;
