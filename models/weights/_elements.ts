/** The element types that are read, by their names in safetensors. */
export type StoredType = keyof typeof ELEMENT_BYTES;

/** Bytes of one element. */
export const ELEMENT_BYTES = {
  F32: 4,
  F64: 8,
  F16: 2,
  BF16: 2,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U64: 8,
  U32: 4,
  U16: 2,
  U8: 1,
  BOOL: 1,
} as const;

/**
 * Reads numbers of a type from their bytes, little-endian as WASM and WebGPU are, each as the nearest binary32. Those of F32
 * are a view where the alignment allows one.
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
      return new Float32Array(new Float64Array(buffer, byteOffset, count));
    case "F16":
      return Float32Array.from(new Uint16Array(buffer, byteOffset, count), fromHalf);
    case "BF16":
      return fromBrainFloat(new Uint16Array(buffer, byteOffset, count));
    case "I64":
      return fromBigInts(new BigInt64Array(buffer, byteOffset, count));
    case "U64":
      return fromBigInts(new BigUint64Array(buffer, byteOffset, count));
    case "I32":
      return new Float32Array(new Int32Array(buffer, byteOffset, count));
    case "U32":
      return new Float32Array(new Uint32Array(buffer, byteOffset, count));
    case "I16":
      return new Float32Array(new Int16Array(buffer, byteOffset, count));
    case "U16":
      return new Float32Array(new Uint16Array(buffer, byteOffset, count));
    case "I8":
      return new Float32Array(new Int8Array(buffer, byteOffset, count));
    case "U8":
      return new Float32Array(new Uint8Array(buffer, byteOffset, count));
    case "BOOL":
      return Float32Array.from(new Uint8Array(buffer, byteOffset, count), (byte) => byte && 1);
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

function fromBigInts(integers: BigInt64Array | BigUint64Array): Float32Array<ArrayBuffer> {
  const numbers = new Float32Array(integers.length);
  for (let i = 0; i < integers.length; i++) numbers[i] = roundBigInt(integers[i]!);
  return numbers;
}

/** Gives a number that rounds to the binary32 nearest to an integer of 64 bits. */
function roundBigInt(integer: bigint): number {
  const number = Number(integer);
  if (Number.isSafeInteger(number)) return number;
  // Rounded to a double first, it could come to lie between two of binary32, to be rounded again: one bit for all lower ones
  // that are set keeps it off the middle.
  const high = integer >> 11n;
  return Number(integer === high << 11n ? high : high | 1n) * 2 ** 11;
}
