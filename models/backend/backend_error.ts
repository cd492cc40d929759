/** A backend cannot be opened, or failed while it worked. */
export class BackendError extends Error {
  /** The backend's name. */
  readonly backend: string;

  /**
   * Makes the error.
   *
   * @param backend The backend's name.
   * @param message What could not be done, as what was found.
   * @param options The cause.
   */
  constructor(backend: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "BackendError";
    this.backend = backend;
  }
}

/** The device has no memory left for what a step needs. */
export class DeviceMemoryError extends BackendError {
  /**
   * Makes the error.
   *
   * @param backend The backend's name.
   * @param options The cause.
   */
  constructor(backend: string, options?: ErrorOptions) {
    super(
      backend,
      `Cannot go on as the ${backend} device is out of memory: reduce --batch-size or --side`,
      options,
    );
    this.name = "DeviceMemoryError";
  }
}
