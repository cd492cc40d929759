/**
 * Finds the reason why a member's name is unsafe or useless as a path, if there is one. The rules are those of all
 * systems together, as an archive may be unpacked on any.
 */
export function findNameProblem(name: string): string | undefined {
  if (name === "") return "is empty";
  if (name.includes("\0")) return "has a NUL in it";
  if (!name.isWellFormed()) return "has half a character in it";
  if (/^[/\\]/.test(name)) return "is an absolute path";
  if (/^[A-Za-z]:/.test(name)) return "begins with a drive letter";
  if (name.split(/[/\\]/).includes("..")) return "leads out of the archive";
  return undefined;
}

/** A name as text. */
export interface TarName {
  /** The name, where bytes that aren't UTF-8 are replaced by U+FFFD. */
  readonly name: string;
  /** Its bytes, where they aren't UTF-8. */
  readonly nameBytes?: Uint8Array<ArrayBuffer>;
}

/** Decodes a name. */
export function decodeName(bytes: Uint8Array<ArrayBuffer>): TarName {
  try {
    return { name: STRICT.decode(bytes) };
  } catch {
    return { name: LENIENT.decode(bytes), nameBytes: bytes };
  }
}

/** Encodes a name: as the bytes that it was decoded from, where they are there and still those of the text. */
export function encodeName({ name, nameBytes }: TarName): Uint8Array {
  return nameBytes && LENIENT.decode(nameBytes) === name ? nameBytes : UTF8.encode(name);
}

/** Tells whether bytes are UTF-8. */
export function isUtf8(bytes: Uint8Array): boolean {
  try {
    STRICT.decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/** Tells whether WebDataset keeps a name for itself: that of a folder like `__this__`, or of a file with such a name. */
export const isReserved = (name: string): boolean => /^__[^/]*__(?:$|\/)/.test(name);

/** Quotes a name for messages: shortened, and without characters that control a terminal. */
export const quoteName = (name: string): string =>
  JSON.stringify(name.length > 100 ? `${name.slice(0, 99)}…` : name);

const STRICT = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const LENIENT = new TextDecoder("utf-8", { ignoreBOM: true });
const UTF8 = new TextEncoder();
