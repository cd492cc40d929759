/**
 * Fetches a file of the site.
 *
 * @throws {Error} If it cannot be had; the message names it.
 */
export async function fetchFile(path: string): Promise<Response> {
  let found: string;
  try {
    const response = await fetch(path);
    if (response.ok) return response;
    found = `the server answers ${response.status}`;
  } catch (error) {
    // Of a server that isn't there browsers say little, and each something else.
    found = `the server cannot be reached (${error instanceof Error ? error.message : error})`;
  }
  throw new Error(`Cannot read ${path}: ${found}`);
}
