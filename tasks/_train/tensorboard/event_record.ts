// What TensorBoard reads: a file of records, each of which holds an `Event` of TensorFlow's protocol buffers.
import { BinaryWriter } from "@bufbuild/protobuf/wire";
import { crc32c } from "../../../pipelines/_bytes/crc32.ts";

/** Something that TensorBoard is told. */
export interface TensorboardEvent {
  /** When it was, in seconds since 1970. */
  readonly wallTime: number;
  readonly step?: number;
  /** The format that a file has, which is the first event in it. */
  readonly fileVersion?: string;
  /** Numbers by their tags. */
  readonly scalars?: Readonly<Record<string, number>>;
  /** Whether a process begins here: all that was told before of this step and of later ones is void. */
  readonly isStart?: boolean;
}

/** The format, in which a process tells where it begins. */
export const FILE_VERSION = "brain.Event:2";

/** Types of protocol buffers on the wire. */
const [VARINT, FIXED_64, BYTES, FIXED_32] = [0, 1, 2, 5];

/** Encodes an event (`tensorflow/core/util/event.proto`). */
export function encodeEvent(
  { wallTime, step = 0, fileVersion, scalars, isStart = false }: TensorboardEvent,
): Uint8Array {
  const event = new BinaryWriter().tag(1, FIXED_64).double(wallTime);
  if (step !== 0) event.tag(2, VARINT).int64(step);
  if (fileVersion !== undefined) event.tag(3, BYTES).string(fileVersion);
  if (scalars) {
    event.tag(5, BYTES).fork();
    for (const [tag, value] of Object.entries(scalars)) {
      event.tag(1, BYTES).fork().tag(1, BYTES).string(tag).tag(2, FIXED_32).float(value).join();
    }
    event.join();
  }
  // A session's log with the status START.
  if (isStart) event.tag(7, BYTES).fork().tag(1, VARINT).int32(1).join();
  return event.finish();
}

/** Makes a record of bytes, as TFRecord has it: their length, its checksum, the bytes, and theirs. */
export function encodeRecord(data: Uint8Array): Uint8Array<ArrayBuffer> {
  const record = new Uint8Array(data.length + 16);
  const view = new DataView(record.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(8, maskChecksum(crc32c(record.subarray(0, 8))), true);
  record.set(data, 12);
  view.setUint32(12 + data.length, maskChecksum(crc32c(data)), true);
  return record;
}

/** Masks a checksum, as data that hold their own would have a poor one. */
const maskChecksum = (crc: number): number => ((crc >>> 15 | crc << 17) + 0xa282ead8) >>> 0;
