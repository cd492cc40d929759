/** The most bytes that a header may have; the limit of the reference implementation. */
export const HEADER_LIMIT = 100_000_000;

/** The bytes before the header, which hold its length. */
export const LENGTH_BYTES = 8;

/** The entry of the header that isn't a tensor. */
export const METADATA = "__metadata__";

/** The element types that are read. */
export type StoredType = "F32" | "F64" | "F16" | "BF16";

/** Bytes of one element. */
export const ELEMENT_BYTES: Readonly<Record<StoredType, number>> = {
  F32: 4,
  F64: 8,
  F16: 2,
  BF16: 2,
};

/** The largest count that the reference implementation, in Rust, computes with. */
const COUNT_LIMIT = 2n ** 64n - 1n;

/** Counts the bytes of a tensor, or gives `undefined` where that overflows, also on the way to an empty one. */
export function countBytes(type: StoredType, shape: readonly number[]): bigint | undefined {
  let count = 1n;
  for (const length of shape) {
    count *= BigInt(length);
    if (count > COUNT_LIMIT) return undefined;
  }
  const bytes = count * BigInt(ELEMENT_BYTES[type]);
  // The reference counts bits.
  return bytes * 8n > COUNT_LIMIT ? undefined : bytes;
}

/**
 * Reads numbers of a type from their bytes, little-endian as WASM and WebGPU are. Those of F32 are a view where the alignment
 * allows one.
 */
export function toFloat32(
  type: StoredType,
  bytes: Uint8Array<ArrayBuffer>,
): Float32Array<ArrayBuffer> {
  const size = ELEMENT_BYTES[type];
  const count = bytes.length / size;
  // Typed arrays begin at a multiple of their element's size; a copy does.
  const { buffer, byteOffset } = bytes.byteOffset % size === 0 ? bytes : bytes.slice();
  switch (type) {
    case "F32":
      return new Float32Array(buffer, byteOffset, count);
    case "F64":
      return Float32Array.from(new Float64Array(buffer, byteOffset, count));
    case "F16":
      return Float32Array.from(new Uint16Array(buffer, byteOffset, count), fromHalf);
    case "BF16":
      return fromBrainFloat(new Uint16Array(buffer, byteOffset, count));
  }
}

/** Reads the bits of an IEEE 754 binary16. */
function fromHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> 10) & 0x1F;
  const fraction = bits & 0x3FF;
  if (exponent === 0x1F) return fraction ? NaN : sign * Infinity;
  return exponent === 0
    ? sign * fraction * 2 ** -24
    : sign * (0x400 + fraction) * 2 ** (exponent - 25);
}

/** Reads bfloat16, the upper half of a binary32. */
function fromBrainFloat(bits: Uint16Array): Float32Array<ArrayBuffer> {
  return new Float32Array(Uint32Array.from(bits, (half) => half << 16).buffer);
}
