/** The files that a program that compiles WASM printed, by their paths, or why it cannot run here. */
export type Build =
  | { readonly files: Readonly<Record<string, string>>; readonly missing?: undefined }
  | { readonly missing: string };

/**
 * Runs a program of `tasks/_kernels/`, which compiles WASM with a compiler from npm.
 *
 * @throws {Error} If it fails for another reason than that the compiler cannot be had.
 */
export async function buildWasm(program: string): Promise<Build> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-lock", "--allow-read", "--allow-env", program],
    cwd: new URL("../tasks/_kernels/", import.meta.url),
    stdin: "null",
  }).output();
  if (success) return { files: JSON.parse(new TextDecoder().decode(stdout)) };
  const message = new TextDecoder().decode(stderr);
  if (/npm package|registry|error sending request/i.test(message)) {
    return { missing: "no npm:assemblyscript" };
  }
  throw new Error(`Cannot compile WASM by ${program}: ${message}`);
}
