/** The bytes that every file of NumPy's format begins with. */
export const NPY_MAGIC: Uint8Array = Uint8Array.of(0x93, ...new TextEncoder().encode("NUMPY"));

/**
 * Encodes what precedes a matrix of float32 in NumPy's format, version 1.0: magic, and a header padded so that the data begin
 * at a multiple of 64. The elements follow in row-major order, little-endian.
 *
 * Source: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 */
export function encodeNpyHeader(shape: readonly [number, number]): Uint8Array<ArrayBuffer> {
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${shape.join(", ")}), }`;
  const length = Math.ceil((10 + text.length + 1) / 64) * 64 - 10;
  const header = new Uint8Array(10 + length);
  header.set([...NPY_MAGIC, 1, 0]);
  new DataView(header.buffer).setUint16(8, length, true);
  header.set(new TextEncoder().encode(text.padEnd(length - 1) + "\n"), 10);
  return header;
}
