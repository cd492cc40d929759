import { joinPath } from "../_files/files.ts";

/**
 * Rill's folder in the user's cache directory: `$XDG_CACHE_HOME/rill` where that is set, else the platform's own place.
 *
 * @returns The path, or nothing where the environment names no home.
 */
export function findCacheDir(
  env: (variable: string) => string | undefined,
  os: typeof Deno.build.os = Deno.build.os,
): string | undefined {
  const xdg = env("XDG_CACHE_HOME");
  // The specification: a relative path is to be ignored.
  if (xdg && /^(\/|[A-Za-z]:[\\/])/.test(xdg)) return joinPath(xdg, "rill");
  if (os === "windows") {
    const local = env("LOCALAPPDATA");
    return local && joinPath(local, "rill/cache");
  }
  const home = env("HOME");
  return home && joinPath(home, os === "darwin" ? "Library/Caches/rill" : ".cache/rill");
}
