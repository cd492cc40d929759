// Reads Fashion-MNIST in a worker before anybody has asked for it. A run by default needs it, and loads its own program meanwhile;
// whatever is asked for, what wasn't read ahead is read then.
import { isAbsolute } from "node:path";
import { readEnv } from "../../_cli/env.ts";
import { joinPath } from "../../_files/files.ts";
import type { ReadFile } from "./check_file.ts";
import type { CheckReply } from "./check_worker.ts";
import type { DatasetFile } from "./dataset.ts";
import { fashionMnist } from "./fashion_mnist.ts";
import { findCacheDir } from "./find_cache_dir.ts";

/** What is being read, by its path; nothing where the worker has failed. */
const ahead = new Map<string, Promise<ReadFile | undefined>>();

/** Flags with which a run may have other data, or goes no further than its first line. */
const OTHERWISE = /^(--(data|resume|config|weights|distributed|help|version)|-[a-z]*[hv])/;

/** Begins to read the files if a command line says nothing of data, and one folder has all of them. */
export function readAhead(args: readonly string[]): void {
  if (args.some((arg) => OTHERWISE.test(arg))) return;
  const named = readEnv("RILL_DATA_DIR");
  const cache = findCacheDir(readEnv);
  const dirs = named === undefined
    ? [...cache ? [joinPath(cache, fashionMnist.folder)] : [], fashionMnist.systemDir]
    : isAbsolute(named)
    ? [named]
    : [];
  for (const dir of dirs) {
    const paths = findPaths(dir);
    if (paths) return startReading(paths);
  }
}

/** Takes what was read ahead of a file, if it was. */
export const takeAhead = async (path: string): Promise<ReadFile | undefined> => {
  const read = ahead.get(path);
  ahead.delete(path);
  return await read;
};

type Paths = Readonly<Record<DatasetFile, string>>;

/** Finds the paths of all files in a folder, gzipped before plain. */
function findPaths(dir: string): Paths | undefined {
  const paths = Object.entries(fashionMnist.files).flatMap(([key, { name }]) =>
    [`${name}.gz`, name].map((one) => joinPath(dir, one)).filter(isFile).slice(0, 1)
      .map((path) => [key, path])
  );
  return paths.length === 4 ? Object.fromEntries(paths) : undefined;
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

function startReading(paths: Paths): void {
  const worker = new Worker(new URL("./check_worker.ts", import.meta.url), { type: "module" });
  const settle = new Map<DatasetFile, (read: ReadFile | undefined) => void>();
  const end = () => {
    for (const resolve of settle.values()) resolve(undefined);
    worker.terminate();
  };
  for (const [key, path] of Object.entries(paths) as [DatasetFile, string][]) {
    ahead.set(path, new Promise((resolve) => settle.set(key, resolve)));
  }
  worker.onmessage = ({ data: { key, read } }: MessageEvent<CheckReply>) => {
    settle.get(key)?.(read);
    settle.delete(key);
    if (settle.size === 0) worker.terminate();
  };
  worker.onerror = (event) => {
    event.preventDefault();
    end();
  };
  worker.postMessage(paths);
}
