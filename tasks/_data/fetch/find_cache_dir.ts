import { joinPath } from "../../_files/files.ts";

/**
 * Finds Rill's folder in the user's cache directory: `$XDG_CACHE_HOME/rill` if that is set, else the platform's own place.
 *
 * @returns The path, or `undefined` if the environment names no home.
 */
export function findCacheDir(
  env: (variable: string) => string | undefined,
  os: typeof Deno.build.os = Deno.build.os,
): string | undefined {
  const xdg = env("XDG_CACHE_HOME");
  // The XDG specification has a relative path ignored.
  if (xdg && /^(\/|[A-Za-z]:[\\/])/.test(xdg)) return joinPath(xdg, "rill");
  if (os === "windows") {
    const local = env("LOCALAPPDATA");
    return local && joinPath(local, "rill/cache");
  }
  const home = env("HOME");
  return home && joinPath(home, os === "darwin" ? "Library/Caches/rill" : ".cache/rill");
}
