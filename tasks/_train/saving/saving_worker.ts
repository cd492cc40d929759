// The worker that hashes, encodes and writes what a run saves, beside its training.
import { createHash } from "node:crypto";
import { setPriority } from "node:os";
import {
  type CheckpointStore,
  FileSystemError,
  openCheckpointStore,
} from "../../../models/training/checkpoints/checkpoint_store.ts";
import { folderFiles } from "../../_files/folder_files.ts";
import { joinPath } from "../../_files/files.ts";
import { listJobBuffers, type SavingJob, type SavingReply } from "./saving_job.ts";

const scope = globalThis as unknown as {
  postMessage(reply: SavingReply, transfer?: ArrayBuffer[]): void;
  onmessage: (event: MessageEvent<SavingJob>) => void;
};

/** Of every ten turns at a core that the training's threads want, too, this one has about one. */
const PRIORITY = 10;

// Elsewhere it would be that of the whole process.
if (Deno.build.os === "linux") {
  const { state } = Deno.permissions.querySync({ name: "sys", kind: "setPriority" });
  if (state === "granted") setPriority(0, PRIORITY);
}

let store: CheckpointStore;

const hash = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest();

async function work(job: SavingJob): Promise<SavingReply> {
  if (job.kind === "open") {
    const { dir, keep, replace } = job;
    const describe = (file: string) => joinPath(dir, file);
    store = await openCheckpointStore(folderFiles(dir), { keep, replace, describe, hash });
    return { kind: "done", refused: store.refused };
  }
  await store.save(job.training, job.options);
  const [tensor] = Object.values(job.training.params);
  return { kind: "done", refused: [], memory: tensor?.data.buffer };
}

scope.onmessage = async ({ data }) => {
  try {
    const reply = await work(data);
    const memory = reply.kind === "done" ? reply.memory : undefined;
    scope.postMessage(reply, memory ? [memory] : []);
  } catch (error) {
    scope.postMessage({ ...describeFailure(error), job: data }, listJobBuffers(data));
  }
};

function describeFailure(error: unknown): Extract<SavingReply, { readonly kind: "failed" }> {
  if (!(error instanceof Error)) return { kind: "failed", name: "Error", message: String(error) };
  const { name, message } = error;
  if (!(error instanceof FileSystemError)) return { kind: "failed", name, message };
  const { action, file, cause } = error;
  const found = cause instanceof Error ? cause.message || cause.name : String(cause);
  return { kind: "failed", name, message, fault: { action, file, found } };
}
