/**
 * The kinds of backend errors: `"no-adapter"`, WebGPU has no adapter here; `"open-failed"`, the backend didn't start;
 * `"not-open"`, no backend is open; `"already-open"`, one is; `"precision-unsupported"` and `"parallel-unsupported"`, it can't compute so;
 * `"out-of-memory"`, a `DeviceMemoryError`; `"limit-exceeded"`, an operation is beyond the limits of the device;
 * `"operation-refused"`, the device called an operation invalid; `"device-lost"`, the device is gone.
 */
export type BackendErrorCode =
  | "no-adapter"
  | "open-failed"
  | "not-open"
  | "already-open"
  | "precision-unsupported"
  | "parallel-unsupported"
  | "out-of-memory"
  | "limit-exceeded"
  | "operation-refused"
  | "device-lost";

/** The facts of a {@linkcode BackendError}. */
export interface BackendErrorOptions extends ErrorOptions {
  /** The kind of error. */
  readonly code: BackendErrorCode;
  /** The choice made in `openBackend` that cannot be had. The message names its value as `precision "mixed"`. */
  readonly option?: "backend" | "kernels" | "precision";
  /** The address of the file that the backend can't be opened with. */
  readonly address?: string | undefined;
}

/** A backend cannot be opened, or failed while it worked. */
export class BackendError extends Error {
  /** The backend's name. */
  readonly backend: string;
  /** The kind of error. */
  readonly code: BackendErrorCode;
  /** The choice made in `openBackend` that cannot be had, if it is that. */
  readonly option: BackendErrorOptions["option"] | undefined;
  /** The address of the file that the backend can't be opened with, if it is that. */
  readonly address: string | undefined;

  /**
   * Makes the error.
   *
   * @param backend The backend's name.
   * @param message The message.
   * @param options The kind of error, the choice or the file that it is about, and the cause.
   */
  constructor(backend: string, message: string, options: BackendErrorOptions) {
    super(message, options);
    this.name = "BackendError";
    this.backend = backend;
    this.code = options.code;
    this.option = options.option;
    this.address = options.address;
  }
}

/** The device ran out of memory. Smaller batches or smaller images need less. */
export class DeviceMemoryError extends BackendError {
  /**
   * Makes the error.
   *
   * @param backend The backend's name.
   * @param options The cause.
   */
  constructor(backend: string, options?: ErrorOptions) {
    super(backend, `Cannot go on as the ${backend} device is out of memory`, {
      ...options,
      code: "out-of-memory",
    });
    this.name = "DeviceMemoryError";
  }
}
