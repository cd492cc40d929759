import type { PipelineModule } from "./pipeline_modules.ts";
import type { Runtime } from "./runtimes.ts";

/** Needs of modules that a runtime doesn't meet, files aside: by module, then by runtime. */
const needs: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  image_bitmap: { Node: "needs `ImageBitmap`" },
  in_workers: { Node: "needs `Worker`" },
  worker_pool: { Node: "needs `Worker`" },
  video_frame: { Deno: "needs `VideoFrame`", Node: "needs `VideoFrame`" },
};

/** Says why a module cannot work in a runtime, where that is known and meant. */
export function findLimit(
  { name, needsFiles }: PipelineModule,
  runtime: Pick<Runtime, "name" | "hasFiles">,
): string | undefined {
  if (needsFiles && !runtime.hasFiles) return "needs files";
  return needs[name]?.[runtime.name];
}
