/** A message, and the buffers that go with it. */
export interface PackedMessage {
  readonly content: unknown;
  readonly buffers: ArrayBuffer[];
}

/**
 * Makes a message of a value. The arrays in plain objects and arrays are sent in buffers of their own: in those they have
 * where they are `owned` and fill them, in copies otherwise. So a view of a large buffer takes no more than itself along.
 *
 * The function is part of a worker's script as text, so it uses nothing from outside itself.
 */
export function packMessage(value: unknown, owned: boolean): PackedMessage {
  const buffers = new Set<ArrayBuffer>();
  const packed = new Map<object, unknown>();

  const packBuffer = (buffer: ArrayBuffer, from: number, length: number): ArrayBuffer => {
    const isWhole = length === buffer.byteLength;
    const sent = owned && isWhole ? buffer : buffer.slice(from, from + length);
    buffers.add(sent);
    return sent;
  };

  const packObject = (part: object): unknown => {
    if (ArrayBuffer.isView(part)) {
      const { buffer, byteOffset, byteLength } = part;
      if (!(buffer instanceof ArrayBuffer)) return part; // It is shared.
      const sent = packBuffer(buffer, byteOffset, byteLength);
      if (sent === buffer) return part;
      // Of a class that every worker has, which Node's Buffer isn't.
      const name = part instanceof DataView ? "DataView" : (part as Uint8Array)[Symbol.toStringTag];
      const views = globalThis as unknown as Record<string, new (buffer: ArrayBuffer) => object>;
      return new views[name]!(sent);
    }
    if (part instanceof ArrayBuffer) return packBuffer(part, 0, part.byteLength);
    if (Array.isArray(part)) {
      const list: unknown[] = [];
      packed.set(part, list);
      for (const element of part) list.push(pack(element));
      return list;
    }
    const prototype = Object.getPrototypeOf(part);
    if (prototype !== Object.prototype && prototype !== null) return part;
    // Without a prototype, as one of the keys may be `__proto__`.
    const copy: Record<string, unknown> = Object.create(null);
    packed.set(part, copy);
    for (const [key, element] of Object.entries(part)) copy[key] = pack(element);
    return copy;
  };

  const pack = (part: unknown): unknown => {
    if (typeof part !== "object" || part === null) return part;
    if (!packed.has(part)) packed.set(part, packObject(part));
    return packed.get(part);
  };

  return { content: pack(value), buffers: [...buffers] };
}
