import type { FileProblem } from "./dataset_error.ts";

/** Renames a file of wrong content to `*.rejected`, so that no later run takes it for a good one. */
export async function rejectFile(problem: FileProblem): Promise<FileProblem> {
  if (problem.actualSha256 === undefined) return problem; // Unread, so nothing is known against it.
  const movedTo = `${problem.path.replace(/\.part$/, "")}.rejected`;
  try {
    await Deno.rename(problem.path, movedTo);
    return { ...problem, movedTo };
  } catch {
    return problem; // The folder is read-only: the file stays, and is refused again next time.
  }
}
