import type { IdxArray, IdxType } from "./idx_array.ts";

/**
 * An item made of its bytes as the file has them, the highest first. Takes the buffer over.
 *
 * @param bytes The bytes, alone in their buffer.
 */
export function idxItem(
  type: IdxType,
  shape: readonly number[],
  { buffer }: Uint8Array<ArrayBuffer>,
): IdxArray {
  // Each number is read before it is written to its own place, in the byte order of the machine.
  const view = new DataView(buffer);
  switch (type) {
    case "uint8":
      return { type, shape, data: new Uint8Array(buffer) };
    case "int8":
      return { type, shape, data: new Int8Array(buffer) };
    case "int16": {
      const data = new Int16Array(buffer);
      for (let i = 0; i < data.length; i++) data[i] = view.getInt16(2 * i);
      return { type, shape, data };
    }
    case "int32": {
      const data = new Int32Array(buffer);
      for (let i = 0; i < data.length; i++) data[i] = view.getInt32(4 * i);
      return { type, shape, data };
    }
    case "float32": {
      const data = new Float32Array(buffer);
      for (let i = 0; i < data.length; i++) data[i] = view.getFloat32(4 * i);
      return { type, shape, data };
    }
    case "float64": {
      const data = new Float64Array(buffer);
      for (let i = 0; i < data.length; i++) data[i] = view.getFloat64(8 * i);
      return { type, shape, data };
    }
  }
}
