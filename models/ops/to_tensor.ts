/**
 * Tensors from numbers.
 *
 * @module
 */

import { countElements, formatShape } from "../types/_shape.ts";
import type { Tensor } from "../types/tensor.ts";
import { createTensor } from "./_tensors.ts";

export { BackendError, type BackendErrorOptions } from "../backend/backend_error.ts";
export type { Tensor } from "../types/tensor.ts";

/**
 * Copies numbers to the backend.
 *
 * @example Usage
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openBackend, toTensor } from "@rill/rill/models";
 *
 * const backend = await openBackend("wasm");
 * const tensor = toTensor(Float32Array.of(1, 2, 3, 4), [2, 2]);
 * assertEquals([...await tensor.data()], [1, 2, 3, 4]);
 * tensor.dispose();
 * await backend.close();
 * ```
 *
 * @param data The elements in row-major order.
 * @param shape The length of each dimension.
 * @returns A float32 tensor, owned by the caller.
 * @throws {RangeError} If the shape doesn't hold as many elements as there are.
 * @throws {BackendError} If no backend is open.
 */
export function toTensor(data: Float32Array, shape: readonly number[]): Tensor {
  if (countElements(shape) !== data.length) {
    throw new RangeError(
      `Cannot make a tensor of ${formatShape(shape)} from ${data.length} elements`,
    );
  }
  return createTensor(data.slice(), shape);
}
