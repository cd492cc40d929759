// The worker that hashes, encodes and writes what a run saves, beside its training.
import {
  type CheckpointStore,
  FileSystemError,
  openCheckpointStore,
  type RefusedFile,
  type SaveCheckpointOptions,
  type TrainingCopy,
} from "../../../models/training/checkpoints/checkpoint_store.ts";
import { folderFiles } from "../../_files/folder_files.ts";
import { joinPath } from "../../_files/files.ts";

/** How a run's folder is opened. */
export interface OpenSaverOptions {
  readonly keep: number;
  /** Whether another run is there, over which this one begins. */
  readonly replace: boolean;
}

/** What the worker is told: first to open a folder, and then to save. */
export type SavingJob =
  | ({ readonly kind: "open"; readonly dir: string } & OpenSaverOptions)
  | {
    readonly kind: "save";
    readonly training: TrainingCopy;
    readonly options: SaveCheckpointOptions;
  };

/** What it answers. */
export type SavingReply =
  | {
    readonly kind: "done";
    readonly refused: readonly RefusedFile[];
    /** The memory of what was saved, for the next. */
    readonly memory?: ArrayBuffer | undefined;
  }
  | {
    readonly kind: "failed";
    readonly name: string;
    readonly message: string;
    /** What a file system was asked for, and of what, if it refused. */
    readonly fault?: { readonly action: string; readonly file: string; readonly found: string };
  };

const scope = globalThis as unknown as {
  postMessage(reply: SavingReply, transfer?: ArrayBuffer[]): void;
  onmessage: (event: MessageEvent<SavingJob>) => void;
};

let open: (replace: boolean) => Promise<CheckpointStore>;
let store: CheckpointStore;
let folder: string;
let hasSaved = false;

async function work(job: SavingJob): Promise<SavingReply> {
  if (job.kind === "open") {
    const { dir, keep, replace } = job;
    folder = dir;
    const describe = (file: string) => joinPath(dir, file);
    open = (replace) => openCheckpointStore(folderFiles(dir), { keep, replace, describe });
    store = await open(replace);
    return { kind: "done", refused: store.refused };
  }
  // It may have been removed meanwhile, with all that was there.
  if (!await Deno.stat(folder).then(() => true, () => false)) {
    await Deno.mkdir(folder, { recursive: true });
    store = await open(!hasSaved);
  }
  await store.save(job.training, job.options);
  hasSaved = true;
  const [tensor] = Object.values(job.training.params);
  return { kind: "done", refused: [], memory: tensor?.data.buffer };
}

scope.onmessage = async ({ data }) => {
  try {
    const reply = await work(data);
    const memory = reply.kind === "done" ? reply.memory : undefined;
    scope.postMessage(reply, memory ? [memory] : []);
  } catch (error) {
    scope.postMessage(describeFailure(error));
  }
};

function describeFailure(error: unknown): SavingReply {
  if (!(error instanceof Error)) return { kind: "failed", name: "Error", message: String(error) };
  const { name, message } = error;
  if (!(error instanceof FileSystemError)) return { kind: "failed", name, message };
  const { action, file, cause } = error;
  const found = cause instanceof Error ? cause.message || cause.name : String(cause);
  return { kind: "failed", name, message, fault: { action, file, found } };
}
