import { BackendError } from "../../../backend/backend_error.ts";
import { findLoader } from "./_wasm_factory.ts";

/** The names of the programs that Rill uses. tfjs's third one has threads of its own, and none of our kernels. */
const PROGRAMS = { simd: "tfjs-backend-wasm-simd.wasm", plain: "tfjs-backend-wasm.wasm" } as const;

/**
 * Finds the address of tfjs's program for WASM.
 *
 * @param given The address of the file, or of the folder that holds the files, with a slash at its end. Without it the file is
 * looked for in its npm package, and where there is no such package, as in a page, beside the script.
 * @param hasSimd Whether the engine has SIMD.
 * @returns The file's address.
 */
export function locateProgram(given: URL | string | undefined, hasSimd: boolean): URL {
  const name = hasSimd ? PROGRAMS.simd : PROGRAMS.plain;
  if (given === undefined) return locateUsual(name);
  const base = findBase();
  if (!URL.canParse(String(given), base)) {
    throw new RangeError(
      `Cannot open the WASM backend with wasmUrl ${JSON.stringify(String(given))}: ` +
        "here the address must be absolute, as new URL(…, import.meta.url) gives it",
    );
  }
  const url = new URL(given, base);
  return url.pathname.endsWith("/") ? new URL(name + url.search, url) : url;
}

/** Finds the address of a program that nobody has given. */
function locateUsual(name: string): URL {
  const folder = findLoader();
  // A bundle that isn't of ES modules has no `import.meta.url`, and in one that a page made of text it is no place.
  const places = [folder ? toFileUrl(folder) : undefined, import.meta.url, findBase()];
  const place = places.find((one) => one !== undefined && URL.canParse(name, one));
  if (place !== undefined) return new URL(name, place);
  throw new BackendError(
    "wasm",
    `Cannot open the WASM backend as there is no place to look for ${name}: give its address as wasmUrl`,
    { code: "open-failed" },
  );
}

/** The address that others are relative to: that of the page or of the worker. */
const findBase = (): string | undefined => {
  const { document, location } = globalThis as {
    readonly document?: { readonly baseURI?: string };
    readonly location?: { readonly href: string };
  };
  return document?.baseURI ?? location?.href;
};

/** Converts the path of a folder to its address, on Windows too. */
function toFileUrl(path: string): string {
  const slashed = /^[a-z]:\\/i.test(path) ? `/${path.replaceAll("\\", "/")}` : path;
  const encoded = encodeURI(slashed).replaceAll("#", "%23").replaceAll("?", "%3F");
  return `file://${encoded}`;
}
