import { BackendError } from "./backend_error.ts";

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
