// A reader of TensorBoard's files, written from the description of the formats, not from the writer.

/** An event that was read. */
export interface ReadEvent {
  readonly wallTime: number;
  readonly step: number;
  readonly fileVersion?: string;
  readonly scalars?: Record<string, number>;
  readonly isStart?: boolean;
}

/** Calculates the CRC-32C bit by bit, and masks it as TFRecord does. */
function maskedChecksum(bytes: Uint8Array): number {
  let crc = 0xffffffffn;
  for (const byte of bytes) {
    crc ^= BigInt(byte);
    for (let bit = 0; bit < 8; bit++) crc = crc & 1n ? crc >> 1n ^ 0x82f63b78n : crc >> 1n;
  }
  crc ^= 0xffffffffn;
  return Number((crc >> 15n | crc << 17n & 0xffffffffn) + 0xa282ead8n & 0xffffffffn);
}

/** Reads the events of a file; throws if a checksum is wrong or something follows the last record. */
export function readEvents(bytes: Uint8Array): ReadEvent[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const events: ReadEvent[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = Number(view.getBigUint64(at, true));
    const data = bytes.subarray(at + 12, at + 12 + length);
    const sums = [view.getUint32(at + 8, true), view.getUint32(at + 12 + length, true)];
    const expected = [maskedChecksum(bytes.subarray(at, at + 8)), maskedChecksum(data)];
    if (`${sums}` !== `${expected}`) throw new Error(`The record at ${at} has a wrong checksum`);
    events.push(readEvent(data));
    at += length + 16;
  }
  return events;
}

/** Splits a message into its fields: numbers, and the bytes of what is longer. */
function* listFields(data: Uint8Array): Generator<[field: number, value: number | Uint8Array]> {
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  let at = 0;
  const readVarint = () => {
    let value = 0;
    for (let factor = 1;; factor *= 128) {
      const byte = data[at++]!;
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  };
  while (at < data.length) {
    const key = readVarint();
    const field = Math.floor(key / 8);
    switch (key % 8) {
      case 0:
        yield [field, readVarint()];
        break;
      case 1:
        yield [field, view.getFloat64((at += 8) - 8, true)];
        break;
      case 2: {
        const length = readVarint();
        yield [field, data.subarray(at, at += length)];
        break;
      }
      case 5:
        yield [field, view.getFloat32((at += 4) - 4, true)];
        break;
      default:
        throw new Error(`There is no wire type ${key % 8}`);
    }
  }
}

const toText = (value: unknown): string => new TextDecoder().decode(value as Uint8Array);

function readEvent(data: Uint8Array): ReadEvent {
  const fields = new Map(listFields(data));
  const [version, summary, session] = [3, 5, 7].map((field) => fields.get(field));
  const scalars = summary && Object.fromEntries(
    [...listFields(summary as Uint8Array)].map(([field, bytes]) => {
      if (field !== 1) throw new Error(`A summary has no field ${field}`);
      const value = new Map(listFields(bytes as Uint8Array));
      return [toText(value.get(1)), value.get(2) as number];
    }),
  );
  return {
    wallTime: fields.get(1) as number,
    step: fields.get(2) as number | undefined ?? 0,
    ...version !== undefined && { fileVersion: toText(version) },
    ...scalars && { scalars },
    ...session !== undefined && {
      isStart: new Map(listFields(session as Uint8Array)).get(1) === 1,
    },
  };
}
