import { crc32 } from "node:zlib";

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
