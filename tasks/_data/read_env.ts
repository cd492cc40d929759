/** An environment variable, or nothing where it is unset, empty or not ours to read. Never prompts. */
export function readEnv(variable: string): string | undefined {
  const { state } = Deno.permissions.querySync({ name: "env", variable });
  return state === "granted" ? Deno.env.get(variable) || undefined : undefined;
}
