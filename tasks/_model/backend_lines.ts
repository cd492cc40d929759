import type { Backend } from "../../models/mod.ts";

/** What computes and why, for people: one line, and another where a tuning is there and cannot be used. */
export function backendLines(
  { name, description, reason, tuning }: Backend,
  threads = 1,
): string[] {
  const inThreads = name === "wasm" ? `, ${threads} ${threads === 1 ? "thread" : "threads"}` : "";
  const tuned = tuning && "classes" in tuning
    ? `, with tuned programs for ${tuning.classes} ${
      tuning.classes === 1 ? "class" : "classes"
    } of products`
    : "";
  return [
    `backend: ${description}${inThreads}, ${reason}${tuned}`,
    ...tuning && "ignored" in tuning
      ? [`tuning: what deno task tune kept is ignored as ${tuning.ignored}; run it again`]
      : [],
  ];
}
