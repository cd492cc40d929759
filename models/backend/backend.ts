/** A tensor backend that has been opened and is in use. */
export interface Backend {
  /** Which one it is. */
  readonly name: "webgpu" | "wasm";
  /** Whether it runs on a GPU, and not on the processor. */
  readonly hardware: boolean;
  /** What it runs on, for people. */
  readonly description: string;
  /** Why this one was taken. */
  readonly reason: string;
  /**
   * What became of the tuning that `openBackend` was given: for how many classes of products it has this adapter's fastest
   * programs, or why nothing of it is used. Absent where it has none for this adapter.
   */
  readonly tuning?: { readonly classes: number } | { readonly ignored: string };
  /**
   * Waits until the device has done all that it was given.
   *
   * @throws {BackendError} As `check` does.
   */
  sync(): Promise<void>;
  /**
   * Throws what the device reported out of band since the backend was opened, such as a failed allocation: WebGPU goes
   * on with zeros after those.
   *
   * @throws {BackendError} If there was an error; a `DeviceMemoryError` if memory ran out.
   */
  check(): void;
  /**
   * Whether a thrown error says that memory ran out; then the `DeviceMemoryError` to throw instead.
   *
   * @returns That error, or the one given.
   */
  explain(error: unknown): unknown;
  /** Releases all tensors and the device. */
  close(): Promise<void>;
}
