/**
 * Packs a plain value, such as a pipeline's items are made of, into bytes. One byte tells the kind; then follow:
 *
 *     0 null, 1 undefined, 2 false, 3 true
 *     4 number         8 bytes, float64
 *     5 string         u32 length in bytes, UTF-8
 *     6 array          u32 length, the values
 *     7 object         u32 number of properties, for each its name as of a string and its value
 *     8 typed array    one byte for its class, u32 length in bytes, the bytes
 *
 * All numbers are little-endian, typed arrays too.
 */
export function pack(value: unknown): Uint8Array<ArrayBuffer> {
  const packer = new Packer();
  packer.write(value, 0);
  return packer.bytes();
}

/**
 * Unpacks the value that {@linkcode pack} has packed.
 *
 * @throws {RangeError} When the bytes are invalid.
 */
export function unpack(bytes: Uint8Array): unknown {
  const unpacker = new Unpacker(bytes);
  const value = unpacker.read(0);
  if (unpacker.at !== bytes.length) throw new RangeError("bytes are left over");
  return value;
}

class Packer {
  #bytes = new Uint8Array(256);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  bytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#length);
  }

  write(value: unknown, depth: number): void {
    if (depth > MAX_DEPTH) throw new TypeError(`the item is more than ${MAX_DEPTH} levels deep`);
    if (value === null) return this.#byte(Kind.Null);
    switch (typeof value) {
      case "undefined":
        return this.#byte(Kind.Undefined);
      case "boolean":
        return this.#byte(value ? Kind.True : Kind.False);
      case "number":
        this.#byte(Kind.Number);
        return this.#float64(value);
      case "string":
        this.#byte(Kind.String);
        return this.#text(value);
      case "object":
        return this.#object(value, depth);
      default:
        throw new TypeError(`the item has a ${typeof value} in it`);
    }
  }

  #object(value: object, depth: number): void {
    if (Array.isArray(value)) {
      this.#byte(Kind.Array);
      this.#u32(value.length);
      for (const item of value) this.write(item, depth + 1);
      return;
    }
    const type = TYPES.findIndex((Type) => value.constructor === Type);
    if (type >= 0) {
      const { buffer, byteOffset, byteLength } = value as Uint8Array;
      this.#byte(Kind.TypedArray);
      this.#byte(type);
      this.#u32(byteLength);
      return this.#all(new Uint8Array(buffer, byteOffset, byteLength));
    }
    const prototype = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== null) {
      throw new TypeError(`the item has a ${value.constructor?.name ?? "strange object"} in it`);
    }
    const entries = Object.entries(value);
    this.#byte(Kind.Object);
    this.#u32(entries.length);
    for (const [name, property] of entries) {
      this.#text(name);
      this.write(property, depth + 1);
    }
  }

  #text(text: string): void {
    const bytes = ENCODER.encode(text);
    this.#u32(bytes.length);
    this.#all(bytes);
  }

  // Each makes room first, as that may replace the memory.

  #byte(byte: number): void {
    const at = this.#grow(1);
    this.#bytes[at] = byte;
  }

  #u32(value: number): void {
    const at = this.#grow(4);
    this.#view.setUint32(at, value, true);
  }

  #float64(value: number): void {
    const at = this.#grow(8);
    this.#view.setFloat64(at, value, true);
  }

  #all(bytes: Uint8Array): void {
    const at = this.#grow(bytes.length);
    this.#bytes.set(bytes, at);
  }

  /** Makes room for some bytes, and gives its position. */
  #grow(size: number): number {
    const at = this.#length;
    this.#length += size;
    if (this.#length > MAX_SIZE) throw new RangeError(`the item has more than ${MAX_SIZE} bytes`);
    if (this.#length > this.#bytes.length) {
      const size = Math.max(Math.min(2 * this.#bytes.length, MAX_SIZE), this.#length);
      const larger = new Uint8Array(size);
      larger.set(this.#bytes);
      this.#bytes = larger;
      this.#view = new DataView(larger.buffer);
    }
    return at;
  }
}

class Unpacker {
  at = 0;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  read(depth: number): unknown {
    if (depth > MAX_DEPTH) throw new RangeError("it is too deep");
    const kind = this.#view.getUint8(this.at++);
    switch (kind) {
      case Kind.Null:
        return null;
      case Kind.Undefined:
        return undefined;
      case Kind.False:
        return false;
      case Kind.True:
        return true;
      case Kind.Number:
        this.at += 8;
        return this.#view.getFloat64(this.at - 8, true);
      case Kind.String:
        return this.#text();
      case Kind.Array: {
        const array: unknown[] = [];
        for (let left = this.#u32(); left > 0; left--) array.push(this.read(depth + 1));
        return array;
      }
      case Kind.Object: {
        const entries: [string, unknown][] = [];
        for (let left = this.#u32(); left > 0; left--) {
          entries.push([this.#text(), this.read(depth + 1)]);
        }
        return Object.fromEntries(entries);
      }
      case Kind.TypedArray: {
        const Type = TYPES[this.#view.getUint8(this.at++)];
        if (!Type) throw new RangeError("it has an unknown typed array");
        const size = this.#u32();
        if (size % Type.BYTES_PER_ELEMENT !== 0) throw new RangeError("it has half a number");
        return new Type(this.#take(size).slice().buffer as ArrayBuffer);
      }
      default:
        throw new RangeError(`it has an unknown kind: ${kind}`);
    }
  }

  #text(): string {
    return DECODER.decode(this.#take(this.#u32()));
  }

  #u32(): number {
    this.at += 4;
    return this.#view.getUint32(this.at - 4, true);
  }

  #take(size: number): Uint8Array {
    if (this.at + size > this.#bytes.length) throw new RangeError("it ends early");
    return this.#bytes.subarray(this.at, this.at += size);
  }
}

const Kind = {
  Null: 0,
  Undefined: 1,
  False: 2,
  True: 3,
  Number: 4,
  String: 5,
  Array: 6,
  Object: 7,
  TypedArray: 8,
} as const;

const TYPES = [
  Uint8Array,
  Float32Array,
  Int32Array,
  Float64Array,
  Int8Array,
  Int16Array,
  Uint16Array,
  Uint32Array,
  Uint8ClampedArray,
] as const;

const MAX_DEPTH = 64;

/** The most bytes of an item: as many as the file systems of Deno and Node read at a time. */
export const MAX_SIZE = 2 ** 31 - 1;

const ENCODER = new TextEncoder();
const DECODER = new TextDecoder("utf-8", { ignoreBOM: true });
