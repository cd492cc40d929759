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

const isPermitted = (variable: string): boolean =>
  Deno.permissions.querySync({ name: "env", variable }).state === "granted";
