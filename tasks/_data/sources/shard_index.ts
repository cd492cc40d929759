import { gunzip } from "../../../pipelines/formats/gzip/gunzip.ts";
import { decodeTar } from "../../../pipelines/formats/tar/decode_tar.ts";
import type { TarWarning } from "../../../pipelines/formats/tar/tar_error.ts";
import { webDataset, type WebDatasetSample } from "../../../pipelines/formats/tar/web_dataset.ts";
import { httpSource } from "../../../pipelines/http/http_source.ts";
import { readEnv } from "../../_cli/env.ts";
import { joinPath, writeTextFileAtomically } from "../../_files/files.ts";
import { printNote } from "../../_text/print.ts";
import { createProgressLine, formatPercent, silentLine } from "../../_text/progress_line.ts";
import { findCacheDir } from "../fetch/find_cache_dir.ts";
import { hashText } from "../sets/splits.ts";
import { findChannels } from "./detect_channels.ts";
import { isAddress } from "./shard_names.ts";
import { createDataError, describeAbsence, type SourceOptions } from "./source_options.ts";

/** A shard, and what a pass over it found. */
export interface ShardIndex {
  /** Its path or address. */
  readonly shard: string;
  /** What tells it from another of that name: its size and time, or what the server says of it. */
  readonly facts: string;
  /** The keys of its samples with a picture. */
  readonly keys: readonly string[];
  /** The label that each has in itself; null where it has none. */
  readonly labels: readonly (string | null)[];
  /** Whether all of its pictures are gray. */
  readonly isGray: boolean;
}

/** The file extensions of pictures. */
const PICTURE = /(?:^|\.)(?:png|jpe?g|webp)$/;

/** The fields of a JSON that may hold the label, the likeliest first. */
const JSON_LABELS = ["label", "class", "cls", "category", "target", "class_name", "label_name"];

/** A picture of a shard. */
export interface ShardPicture {
  readonly key: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly label: string | null;
}

/** What was warned of already: a shard is read again at each epoch. */
const warned = new Set<string>();

function onWarning({ source, reason }: TarWarning): void {
  const line = `warning: in the tar stream ${source}, ${reason}`;
  if (!warned.has(line)) printNote(line);
  warned.add(line);
}

/** Reads the pictures of a shard: the samples that have one. */
export async function* readShard(
  shard: string,
): AsyncGenerator<ShardPicture, void, undefined> {
  const bytes = isAddress(shard) ? httpSource(shard) : (await Deno.open(shard)).readable;
  const isZipped = /\.(?:gz|tgz)$/i.test(isAddress(shard) ? new URL(shard).pathname : shard);
  const content: AsyncIterable<Uint8Array> = isZipped ? gunzip()(bytes) : bytes;
  for await (const sample of webDataset()(decodeTar({ source: shard, onWarning })(content))) {
    const { key, fields } = sample;
    const field = Object.keys(fields).find((name) => PICTURE.test(name));
    if (field !== undefined) yield { key, bytes: fields[field]!, label: readLabel(sample) };
  }
}

function readLabel({ key, fields }: WebDatasetSample): string | null {
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trim();
  if (fields.cls) return decode(fields.cls);
  if (!fields.json) return null;
  let json: unknown;
  try {
    json = JSON.parse(decode(fields.json));
  } catch {
    throw new Error(`the sample ${key} has a json that is none`);
  }
  if (typeof json !== "object" || json === null) return null;
  const name = JSON_LABELS.find((name) =>
    ["string", "number"].includes(typeof (json as Record<string, unknown>)[name])
  );
  return name === undefined ? null : String((json as Record<string, unknown>)[name]);
}

/**
 * Counts shards by a pass over each, with a progress bar. What is found is kept in the cache directory, by the shard's name, size
 * and time or ETag.
 */
export async function indexShards(
  spec: string,
  shards: readonly string[],
  { quiet = false, log, cacheDir = findCacheDir(readEnv) }: Pick<
    SourceOptions,
    "quiet" | "log" | "cacheDir"
  >,
): Promise<ShardIndex[]> {
  const dir = cacheDir && joinPath(cacheDir, "shards");
  const line = quiet ? silentLine : createProgressLine();
  const indices: ShardIndex[] = [];
  let counted = 0;
  for (const [i, shard] of shards.entries()) {
    const facts = await findFacts(spec, shard);
    // A server that says nothing of a file may have another one tomorrow.
    const isKnown = /\d/.test(facts);
    const kept = dir && isKnown && joinPath(dir, `${hashText(`${FORMAT} ${shard} ${facts}`)}.json`);
    const found = kept && await readKept(kept);
    if (found) {
      indices.push({ shard, facts, ...found });
      continue;
    }
    const [keys, labels]: [string[], (string | null)[]] = [[], []];
    let isGray = true;
    try {
      for await (const { key, label, bytes } of readShard(shard)) {
        keys.push(key);
        labels.push(label);
        isGray &&= (findChannels(bytes) ?? 1) < 3;
        const share = i / shards.length;
        line.show(share, `counting ${shard}: ${keys.length}, ${formatPercent(share)}`);
      }
    } catch (error) {
      line.clear();
      const reason = error instanceof Error ? error.message : String(error);
      throw createDataError(spec, `${shard} cannot be read: ${reason}`, error);
    }
    counted++;
    indices.push({ shard, facts, keys, labels, isGray });
    if (dir && kept) await keep(dir, kept, { keys, labels, isGray });
  }
  line.clear();
  if (counted > 0) log(`data: ${counted} of ${shards.length} shards were counted`);
  return indices;
}

/** The version of what is kept. */
const FORMAT = "1";

type Kept = Pick<ShardIndex, "keys" | "labels" | "isGray">;

async function readKept(path: string): Promise<Kept | undefined> {
  try {
    const { keys, labels, isGray } = JSON.parse(await Deno.readTextFile(path));
    return Array.isArray(keys) && keys.length === labels.length
      ? { keys, labels, isGray }
      : undefined;
  } catch {
    return undefined;
  }
}

/** Keeps what was found; without a place for it, it is found anew next time. */
async function keep(dir: string, path: string, found: Kept): Promise<void> {
  try {
    await Deno.mkdir(dir, { recursive: true });
    await writeTextFileAtomically(path, JSON.stringify(found));
  } catch {
    // The directory is read-only, or the disk full.
  }
}

/** Finds what tells a shard from another of its name, without reading it. */
async function findFacts(spec: string, shard: string): Promise<string> {
  if (!isAddress(shard)) {
    try {
      const { size, mtime, isDirectory } = await Deno.stat(shard);
      if (isDirectory) throw new Error("it is a folder");
      return `${size} ${mtime?.getTime()}`;
    } catch (error) {
      throw createDataError(spec, `of ${shard} ${describeAbsence(error, "file")}`, error);
    }
  }
  const { hostname, port } = new URL(shard);
  const host = port === "" ? hostname : `${hostname}:${port}`;
  const { state } = Deno.permissions.querySync({ name: "net", host });
  if (state !== "granted") {
    throw createDataError(spec, `Deno is not permitted to reach ${host}: give --allow-net=${host}`);
  }
  try {
    const { ok, status, headers, body } = await fetch(shard, { method: "HEAD" });
    await body?.cancel();
    // Some servers, and addresses that are signed for GET, refuse HEAD alone.
    if ([403, 405, 501].includes(status)) return "";
    if (!ok) throw new Error(`the server answered ${status}`);
    return ["etag", "content-length", "last-modified"].map((name) => headers.get(name)).join(" ");
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw createDataError(spec, `${shard} cannot be reached: ${reason}`, error);
  }
}
