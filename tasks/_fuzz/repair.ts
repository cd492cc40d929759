import { crc32 } from "../../pipelines/_bytes/crc32.ts";

/** Corrects the checksum of every chunk of a PNG, as far as the lengths lead. */
export function repairPng(file: Uint8Array): void {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  for (let at = 8; at + 12 <= file.length;) {
    const end = at + 8 + view.getUint32(at);
    if (end + 4 > file.length) return;
    view.setUint32(end, crc32(file.subarray(at + 4, end)));
    at = end + 4;
  }
}

/** Corrects the checksum of every block of a tar archive that looks like a header. */
export function repairTar(file: Uint8Array): void {
  for (let start = 0; start + 512 <= file.length; start += 512) {
    const block = file.subarray(start, start + 512);
    const magic = String.fromCharCode(...block.subarray(257, 262));
    if (magic !== "ustar") continue;
    block.fill(0x20, 148, 156);
    const sum = block.reduce((sum, byte) => sum + byte, 0);
    block.set(new TextEncoder().encode(`${sum.toString(8).padStart(6, "0")}\0 `), 148);
  }
}

/** Corrects the checksum of every stored file of a zip archive, as far as its directory leads. */
export function repairZip(file: Uint8Array): void {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  for (let at = 0; at + 46 <= file.length; at++) {
    if (view.getUint32(at) !== 0x504B0102) continue;
    const header = view.getUint32(at + 42, true);
    if (header + 30 > file.length) continue;
    const start = header + 30 + view.getUint16(header + 26, true) +
      view.getUint16(header + 28, true);
    const checksum = crc32(file.subarray(start, start + view.getUint32(at + 20, true)));
    view.setUint32(at + 16, checksum, true);
    // Where no descriptor behind the file has it.
    if ((view.getUint16(header + 6, true) & 8) === 0) view.setUint32(header + 14, checksum, true);
    else setDescriptor(view, start + view.getUint32(at + 20, true), checksum);
  }
}

function setDescriptor(view: DataView, at: number, checksum: number): void {
  if (at + 8 <= view.byteLength && view.getUint32(at) === 0x504B0708) {
    view.setUint32(at + 4, checksum, true);
  }
}
