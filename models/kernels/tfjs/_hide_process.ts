// Where the code is bundled, tfjs doesn't get to see that there is a process.

/** In a bundle the name of this file is gone, and so is the address in one of CommonJS. */
const isBundled = !(import.meta.url as string | undefined)?.includes("/_hide_process.");

const own = isBundled ? Object.getOwnPropertyDescriptor(globalThis, "process") : undefined;

if (own?.configurable) {
  Object.defineProperty(globalThis, "process", { configurable: true, value: undefined });
}

/** Puts it back. */
export function showProcess(): void {
  if (own) Object.defineProperty(globalThis, "process", own);
}
