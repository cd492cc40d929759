import {
  CheckpointError,
  FileSystemError,
  listBuffers,
  type RefusedFile,
  type SaveCheckpointOptions,
  type TrainingCopy,
} from "../../../models/mod.ts";
import type { OpenSaverOptions, SavingJob, SavingReply } from "./saving_worker.ts";

/** What saves to a run's folder, in a thread of its own. */
export interface Saver {
  /** The files that were found damaged. */
  readonly refused: readonly RefusedFile[];
  /** Saves a training, whose memory is handed over. One is saved at a time. Gives memory for the next. */
  save(training: TrainingCopy, options: SaveCheckpointOptions): Promise<ArrayBuffer | undefined>;
  /** Ends the thread, once what is being saved is. */
  close(): Promise<void>;
}

/**
 * Opens a run's folder to save to it, and cleans up what saves that were broken off have left there.
 *
 * @throws {FileSystemError} If the system refuses.
 * @throws {CheckpointError} If a newer version has saved there.
 */
export async function openSaver(dir: string, options: OpenSaverOptions): Promise<Saver> {
  const worker = new Worker(new URL("./saving_worker.ts", import.meta.url), { type: "module" });
  let settle = (_: SavingReply) => {};
  let last: Promise<unknown> = Promise.resolve();
  const ask = (job: SavingJob, buffers: ArrayBuffer[] = []) => {
    const answer = last.then(() =>
      new Promise<SavingReply>((resolve) => {
        settle = resolve;
        worker.postMessage(job, buffers);
      })
    );
    last = answer.catch(() => {});
    return answer.then((reply) => {
      if (reply.kind === "failed") throw toError(reply);
      return reply;
    });
  };
  worker.onmessage = ({ data }) => settle(data);
  worker.onerror = (event) => {
    event.preventDefault();
    settle({ kind: "failed", name: "Error", message: event.message });
  };
  const close = async () => {
    await last;
    worker.terminate();
  };
  try {
    const { refused } = await ask({ kind: "open", dir, ...options });
    return {
      refused,
      async save(training, options) {
        const buffers = new Set(listBuffers(training));
        if (typeof options.best === "object") {
          listBuffers(options.best).forEach((b) => buffers.add(b));
        }
        return (await ask({ kind: "save", training, options }, [...buffers])).memory;
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

function toError(
  { name, message, fault }: Extract<SavingReply, { readonly kind: "failed" }>,
): Error {
  if (fault) return new FileSystemError(fault.action, fault.file, new Error(fault.found));
  return name === "CheckpointError" ? new CheckpointError(message) : new Error(message);
}
