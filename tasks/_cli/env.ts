import { pathToFileURL } from "node:url";

/**
 * Reads an environment variable. Never prompts for a permission.
 *
 * @returns The value; `undefined` if it is unset, empty or not permitted.
 */
export function readEnv(variable: string): string | undefined {
  return isPermitted(variable) ? Deno.env.get(variable) || undefined : undefined;
}

/** Keeps Mesa from writing an error for each use of a device if `XDG_RUNTIME_DIR` is unset, though it computes without it. */
export function quietMesa(): void {
  if (Deno.build.os !== "linux" || !isPermitted("XDG_RUNTIME_DIR")) return;
  if (!Deno.env.get("XDG_RUNTIME_DIR")) Deno.env.set("XDG_RUNTIME_DIR", "/tmp");
}

/**
 * Goes to the folder in which the person stands, so that a relative path means what it does to them: `deno task` starts in
 * the folder of `deno.json`, and names the other in `INIT_CWD`. Without permission to read that, or outside `deno task`, the
 * folder stays.
 */
export function enterCallerFolder(): void {
  const folder = readEnv("INIT_CWD");
  if (folder === undefined || Deno.permissions.querySync({ name: "read" }).state !== "granted") {
    return;
  }
  if (pathToFileURL(`${Deno.cwd()}/`).href !== new URL("../../", import.meta.url).href) return;
  try {
    Deno.chdir(folder);
  } catch {
    // It may be gone by now.
  }
}

const isPermitted = (variable: string): boolean =>
  Deno.permissions.querySync({ name: "env", variable }).state === "granted";
