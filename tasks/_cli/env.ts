/** An environment variable, or nothing where it is unset, empty or not ours to read. Never prompts. */
export function readEnv(variable: string): string | undefined {
  const { state } = Deno.permissions.querySync({ name: "env", variable });
  return state === "granted" ? Deno.env.get(variable) || undefined : undefined;
}

/** Mesa writes an error line for each use where the variable is unset, though it needs no such folder to compute. */
export function quietMesa(): void {
  if (Deno.build.os !== "linux") return;
  const { state } = Deno.permissions.querySync({ name: "env", variable: "XDG_RUNTIME_DIR" });
  if (state === "granted" && !Deno.env.get("XDG_RUNTIME_DIR")) {
    Deno.env.set("XDG_RUNTIME_DIR", "/tmp");
  }
}
