/** A directory of files, each with its own path as content, and of links. */
export async function withFolder(
  files: readonly string[],
  links: Readonly<Record<string, string>>,
  test: (dir: string) => Promise<void>,
): Promise<void> {
  const dir = await Deno.makeTempDir({ prefix: "rill-images-" });
  try {
    for (const file of files) {
      const path = `${dir}/${file}`;
      await Deno.mkdir(path.replace(/\/[^/]*$/, ""), { recursive: true });
      if (!file.endsWith("/")) await Deno.writeTextFile(path, file);
    }
    for (const [path, target] of Object.entries(links)) {
      await Deno.symlink(target, `${dir}/${path}`);
    }
    await test(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}
