// Batches in memory that threads share: a message with views of such memory carries no numbers.
import { listFields } from "../_batch_fields.ts";
import type { SizedBatch } from "../training_batch.ts";

/** What is put down next begins at a multiple of so many bytes. */
const ALIGNMENT = 16;

const align = (bytes: number) => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;

type TypedArray = Float32Array | Uint8Array | Int32Array;

const isTypedArray = (data: unknown): data is TypedArray =>
  ArrayBuffer.isView(data) && !(data instanceof DataView);

/** Copies an array to shared memory. */
function copyTo<A extends TypedArray>(memory: SharedArrayBuffer, start: number, data: A): A {
  const bytes = new Uint8Array(memory, start, data.byteLength);
  bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  const View = data.constructor as new (memory: SharedArrayBuffer, at: number, n: number) => A;
  return new View(memory, start, data.length);
}

/**
 * Makes the function that copies a batch to shared memory, in the place of the one before, and gives it with views of that. The
 * memory grows where it must. Fields that are no typed arrays, such as names, stay as they are.
 */
export function createBatchSharer(): <B extends SizedBatch>(batch: B) => B {
  let memory = new SharedArrayBuffer(0);
  return (batch) => {
    const fields = listFields(batch).map(([name, field]) => ({
      name,
      shape: "shape" in field && "data" in field ? field.shape : undefined,
      data: "shape" in field && "data" in field ? field.data : field,
    }));
    const bytes = fields.reduce(
      (sum, { data }) => sum + (isTypedArray(data) ? align(data.byteLength) : 0),
      0,
    );
    if (memory.byteLength < bytes) memory = new SharedArrayBuffer(bytes);
    let start = 0;
    const shared = fields.map(({ name, shape, data }) => {
      let values: unknown = data;
      if (isTypedArray(data)) {
        values = copyTo(memory, start, data);
        start += align(data.byteLength);
      }
      return [name, shape ? { data: values, shape } : values];
    });
    return {
      ...Object.fromEntries(shared),
      size: batch.size,
      ...batch.part && { part: batch.part },
    };
  };
}
