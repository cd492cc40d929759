import { formatCommand } from "../_cli/program.ts";
import type { Backend } from "../../models/mod.ts";

/** Describes what computes and why, in one line for people; in another that a tuning is there and cannot be used. */
export function describeBackend(backend: Backend, threads = 1): string[] {
  const { tuning } = backend;
  const tuned = tuning && "classes" in tuning
    ? `, with tuned programs for ${tuning.classes} ${
      tuning.classes === 1 ? "class" : "classes"
    } of products`
    : "";
  return [
    `backend: ${backend.description}${
      describeThreads(backend, threads)
    }, ${backend.reason}${tuned}`,
    ...tuning && "ignored" in tuning
      ? [`tuning: what ${formatCommand("tune")} kept is ignored as ${tuning.ignored}; run it again`]
      : [],
  ];
}

/** Describes the threads that compute on a backend, to follow its description. */
export const describeThreads = ({ name }: Pick<Backend, "name">, threads: number): string =>
  name === "wasm" ? `, ${threads} ${threads === 1 ? "thread" : "threads"}` : "";
