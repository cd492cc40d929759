import { joinPath } from "../../_files/files.ts";
import type { DatasetFile, Manifest } from "./dataset.ts";
import { formatProblem } from "./dataset_error.ts";
import type { RunProgram } from "./run_program.ts";
import { searchDir } from "./search_dir.ts";

const APT_GET = "/usr/bin/apt-get";
const DPKG_DEB = "/usr/bin/dpkg-deb";
const HOUR = 3_600_000;
const PATIENCE = [
  "-q",
  "-o",
  "Acquire::Retries=2",
  "-o",
  "Acquire::http::Timeout=20",
  "-o",
  "Acquire::https::Timeout=20",
];

/**
 * Takes the files out of the data set's Debian package, which needs no root: the package is downloaded and unpacked in a
 * folder inside `dir`, and its files, once checked, are renamed into `dir`.
 *
 * @throws {Error} If there is no `apt-get`, it has no such package, or the files in it are wrong.
 */
export async function fetchWithApt(
  dir: string,
  keys: readonly DatasetFile[],
  manifest: Manifest,
  { log, run, hasApt = () => isFile(APT_GET) }: {
    log: (line: string) => void;
    run: RunProgram;
    hasApt?: () => Promise<boolean>;
  },
): Promise<void> {
  if (!await hasApt()) throw new Error("this is not a Debian-like system");
  const { debianPackage } = manifest;
  await removeLeftovers(dir);
  const work = await Deno.makeTempDir({ dir, prefix: ".apt-" });
  try {
    const fetchPackage = () => {
      log(`data: apt-get download ${debianPackage}`);
      return run(APT_GET, [...PATIENCE, "download", debianPackage], work);
    };
    let result = await fetchPackage();
    const listsAreMissingOrOld = /unable to locate|can't find a source|candidate|404/i.test(
      result.stderr,
    );
    if (!result.success && listsAreMissingOrOld) {
      log("data: apt-get update");
      // Only root may do so. For others this fails at once, and the message below says what to do.
      const updated = await run(APT_GET, [...PATIENCE, "update"], work);
      if (updated.success) result = await fetchPackage();
      if (!result.success) {
        throw new Error(
          `apt-get has no package ${debianPackage} (${findLastError(result.stderr)}); ` +
            "run this and try again: sudo apt-get update",
        );
      }
    }
    if (!result.success) {
      throw new Error(`apt-get download failed: ${findLastError(result.stderr)}`);
    }
    const packageFile = await findPackage(work);
    const root = joinPath(work, "root");
    const unpacked = await run(DPKG_DEB, ["-x", packageFile, root], work);
    if (!unpacked.success) throw new Error(`dpkg-deb failed: ${findLastError(unpacked.stderr)}`);
    const { files, missing, problems } = await searchDir(root + manifest.systemDir, manifest, {
      moveAside: false,
    });
    if (missing.length) {
      const found = problems.map(formatProblem).join("; ");
      throw new Error(`package ${debianPackage} lacks good files${found && `: ${found}`}`);
    }
    for (const key of keys) {
      const { path } = files[key]!;
      await Deno.rename(path, joinPath(dir, path.slice(path.lastIndexOf("/") + 1)));
    }
  } finally {
    // If that fails, it must not hide why the rest did; a later run removes it.
    await Deno.remove(work, { recursive: true }).catch(() => {});
  }
}

async function findPackage(dir: string): Promise<string> {
  for await (const { name } of Deno.readDir(dir)) {
    if (name.endsWith(".deb")) return joinPath(dir, name);
  }
  throw new Error("apt-get download left no package behind");
}

/** Removes the folders that earlier runs left when they were killed. */
async function removeLeftovers(dir: string): Promise<void> {
  for await (const { name } of Deno.readDir(dir)) {
    if (!name.startsWith(".apt-")) continue;
    const path = joinPath(dir, name);
    try {
      const { mtime } = await Deno.stat(path);
      if (mtime && Date.now() - mtime.getTime() > HOUR) {
        await Deno.remove(path, { recursive: true });
      }
    } catch {
      // Another process removes it, or it is another user's.
    }
  }
}

const findLastError = (stderr: string): string =>
  stderr.split("\n").findLast((line) => /^(E:|dpkg-deb: error)/.test(line))?.trim() ??
    "it gave no reason";

async function isFile(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch {
    return false;
  }
}
