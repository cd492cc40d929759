/** Makes the checksum of every block right that looks like a header. */
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
