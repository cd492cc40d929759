import { levenshteinDistance } from "@std/text";

/** The names that other programs give to flags, and ours for the same, the likeliest first. */
export const SYNONYMS: Readonly<Record<string, readonly string[]>> = {
  "bs": ["batch-size"],
  "cache-dir": ["data-dir"],
  "ckpt": ["checkpoint", "resume"],
  "cpu": ["backend"],
  "cuda": ["backend"],
  "compare": ["against"],
  "continue": ["resume"],
  "count": ["images", "test-images"],
  "dataset": ["data", "data-dir"],
  "decay": ["schedule", "weight-decay"],
  "early-stopping": ["patience"],
  "deterministic": ["seed"],
  "device": ["backend"],
  "drop": ["dropout"],
  "duration": ["seconds"],
  "file": ["input", "checkpoint"],
  "force": ["yes"],
  "fp16": ["precision"],
  "gpu": ["backend"],
  "half": ["precision"],
  "img-size": ["side"],
  "image-size": ["side"],
  "input-size": ["side"],
  "iterations": ["steps"],
  "iters": ["steps"],
  "jobs": ["threads", "workers"],
  "limit": ["test-images", "images", "seconds"],
  "load": ["resume", "checkpoint", "weights"],
  "log-file": ["log"],
  "log-interval": ["log-every"],
  "lr": ["learning-rate"],
  "max-steps": ["steps"],
  "network": ["model"],
  "labels": ["classes"],
  "k": ["top"],
  "normalization": ["mean", "std"],
  "num-images": ["images", "test-images"],
  "num-threads": ["threads"],
  "num-workers": ["workers", "threads"],
  "opt": ["optimizer"],
  "optim": ["optimizer"],
  "output": ["out", "save-logits"],
  "overwrite": ["yes"],
  "path": ["checkpoint", "data"],
  "pretrained": ["weights"],
  "random-seed": ["seed"],
  "restore": ["resume"],
  "root": ["data", "data-dir"],
  "samples": ["images", "test-images"],
  "save-dir": ["out"],
  "scheduler": ["schedule"],
  "silent": ["quiet"],
  "size": ["side"],
  "subset": ["images", "test-images"],
  "test": ["test-images"],
  "time": ["seconds"],
  "wd": ["weight-decay"],
  "topk": ["top"],
  "workers": ["threads"],
  "y": ["yes"],
};

/** Finds the word that was likely meant by one that is not known, among those that are; `undefined` if none is near. */
export function suggestWord(unknown: string, known: readonly string[]): string | undefined {
  const word = unknown
    .replace(/^-+/, "")
    .replace(/([a-z])([A-Z])/g, "$1-$2")
    .replaceAll("_", "-")
    .toLowerCase();
  if (word === "") return undefined;
  const names = Object.hasOwn(SYNONYMS, word) ? SYNONYMS[word] ?? [] : [];
  const synonym = [word, ...names].find((name) => known.includes(name));
  if (synonym !== undefined) return synonym;
  const longer = word.length > 2 ? known.find((name) => name.startsWith(word)) : undefined;
  if (longer !== undefined) return longer;
  const most = Math.max(1, Math.floor(word.length / 3));
  const [nearest] = known
    .map((name) => ({
      name,
      // Letters in another order are two edits, however short the word.
      distance: sortLetters(name) === sortLetters(word) ? 1 : levenshteinDistance(word, name),
    }))
    .filter(({ distance }) => distance <= most)
    .sort((a, b) => a.distance - b.distance);
  return nearest?.name;
}

const sortLetters = (word: string): string => [...word].sort().join("");
