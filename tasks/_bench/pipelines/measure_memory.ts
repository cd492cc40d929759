import process from "node:process";
import * as library from "../../../pipelines/mod.ts";
import { loadBatches } from "./rill_loader.ts";

/** The most memory that was resident, in bytes. */
export interface MemoryFigures {
  /** Before the epoch. */
  readonly before: number;
  /** Over the epoch, as read at each batch. */
  readonly sampled: number;
  /** Since the process began, as the system knows it. */
  readonly process: number;
}

/** Measures the memory of an epoch of all images of a source, which asks for a process that has done nothing much before. */
export async function measureMemory(
  source: library.IndexedSource<library.Example<Uint8Array<ArrayBuffer>>>,
  { side, recycled }: { readonly side: number; readonly recycled: boolean },
): Promise<MemoryFigures> {
  const before = Deno.memoryUsage().rss;
  let sampled = before;
  for await (
    const batch of loadBatches(library, source, { side, images: source.length, epoch: 0 })
  ) {
    sampled = Math.max(sampled, Deno.memoryUsage().rss);
    if (recycled) library.recycle(batch);
  }
  return { before, sampled, process: process.resourceUsage().maxRSS * 1024 };
}
