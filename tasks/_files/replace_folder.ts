/**
 * Writes a folder as a whole or not at all, in the place of what is there. What somebody else has put there is for the caller to
 * refuse before.
 *
 * @param write Fills a folder beside it, which it creates itself, and which then takes its place.
 */
export async function replaceFolder<T>(
  dir: string,
  write: (building: string) => Promise<T>,
): Promise<T> {
  // Beside it, also where its name ends with a slash.
  const building = `${dir.replace(/[/\\]+$/, "")}.${crypto.randomUUID().slice(0, 8)}.tmp`;
  try {
    const written = await write(building);
    await Deno.remove(dir, { recursive: true }).catch(ignoreMissing);
    await Deno.rename(building, dir);
    return written;
  } catch (error) {
    await Deno.remove(building, { recursive: true }).catch(() => {});
    throw error;
  }
}

const ignoreMissing = (error: unknown): void => {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
};
