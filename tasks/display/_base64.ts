/**
 * Encodes bytes as base64.
 *
 * `Uint8Array.prototype.toBase64` is younger than some of the runtimes that this runs in. Bytes become text in parts since a call takes
 * only so many arguments.
 */
export function encodeBase64(bytes: Uint8Array): string {
  let text = "";
  for (let start = 0; start < bytes.length; start += PART) {
    text += String.fromCharCode(...bytes.subarray(start, start + PART));
  }
  return btoa(text);
}

const PART = 8192;
