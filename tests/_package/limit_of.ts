import type { PipelineModule } from "./modules.ts";
import type { Runtime } from "./runtimes.ts";

/** What modules need that a runtime hasn't, files aside: by module, then by runtime. */
const needs: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  in_workers: { Node: "needs `Worker`" },
};

/** Why a module cannot work in a runtime, where that is known and meant. */
export function limitOf(
  { name, needsFiles }: PipelineModule,
  runtime: Pick<Runtime, "name" | "hasFiles">,
): string | undefined {
  if (needsFiles && !runtime.hasFiles) return "needs files";
  return needs[name]?.[runtime.name];
}
