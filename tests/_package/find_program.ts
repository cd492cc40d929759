/** Finds the first of some programs that is installed and may be run, and the version that it names. */
export async function findProgram(
  ...names: readonly string[]
): Promise<{ readonly name: string; readonly version: string } | undefined> {
  for (const command of names) {
    // One that is not installed has no permission to be run, and would be asked about.
    const { state } = await Deno.permissions.query({ name: "run", command });
    if (state !== "granted") continue;
    try {
      const { success, stdout } = await new Deno.Command(command, {
        args: ["--version"],
        stdin: "null",
        stderr: "null",
      }).output();
      if (success) {
        return {
          name: command,
          version: new TextDecoder().decode(stdout).trim(),
        };
      }
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  return undefined;
}
