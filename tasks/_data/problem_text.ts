import type { FileProblem } from "./dataset_error.ts";

/** One problem in one line. */
export const problemText = ({ path, found, movedTo }: FileProblem): string =>
  `${path} is refused: ${found}${movedTo ? ` (moved to ${movedTo})` : ""}`;
