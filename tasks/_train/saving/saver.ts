import {
  CheckpointError,
  FileSystemError,
  type RefusedFile,
  type SaveCheckpointOptions,
  type TrainingCopy,
} from "../../../models/mod.ts";
import {
  listJobBuffers,
  type OpenSaverOptions,
  type SavingJob,
  type SavingReply,
} from "./saving_job.ts";

/** A training that is to be saved, and how. */
export interface ToSave {
  readonly training: TrainingCopy;
  readonly options: SaveCheckpointOptions;
}

/** What became of a save. */
export type SaveOutcome =
  | {
    readonly error?: undefined;
    /** Memory for the next. */
    readonly memory: ArrayBuffer | undefined;
  }
  | {
    readonly error: Error;
    /** What was to be saved, to be tried again; undefined where the thread itself has failed. */
    readonly left: ToSave | undefined;
  };

/** What saves to a run's folder, in a thread of its own. */
export interface Saver {
  /** The files that were found damaged. */
  readonly refused: readonly RefusedFile[];
  /** Saves a training, whose memory is handed over. One is saved at a time. */
  save(job: ToSave): Promise<SaveOutcome>;
  /**
   * Opens the folder anew, as another has taken its place.
   *
   * @param replace Whether another run is there, over which this one begins.
   */
  reopen(replace: boolean): Promise<void>;
  /** Ends the thread, once what is being saved is. */
  close(): Promise<void>;
}

/** Starts the worker that saves. It loads its program while others do something else. */
export const startSaver = (): Worker =>
  new Worker(new URL("./saving_worker.ts", import.meta.url), { type: "module" });

/**
 * Opens a run's folder to save to it, and cleans up what saves that were broken off have left there.
 *
 * @param worker The worker that does so, which the saver ends.
 * @throws {FileSystemError} If the system refuses.
 * @throws {CheckpointError} If a newer version has saved there.
 */
export async function openSaver(
  dir: string,
  options: OpenSaverOptions,
  worker: Worker = startSaver(),
): Promise<Saver> {
  let settle = (_: SavingReply) => {};
  let last: Promise<unknown> = Promise.resolve();
  const ask = (job: SavingJob): Promise<SavingReply> => {
    const answer = last.then(() =>
      new Promise<SavingReply>((resolve) => {
        settle = resolve;
        worker.postMessage(job, listJobBuffers(job));
      })
    );
    last = answer.catch(() => {});
    return answer;
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
  const open = async (replace: boolean): Promise<readonly RefusedFile[]> => {
    const reply = await ask({ kind: "open", dir, ...options, replace });
    if (reply.kind === "failed") throw toError(reply);
    return reply.refused;
  };
  try {
    const refused = await open(options.replace);
    return {
      refused,
      async save(job) {
        const reply = await ask({ kind: "save", ...job });
        if (reply.kind === "done") return { memory: reply.memory };
        return { error: toError(reply), left: reply.job?.kind === "save" ? reply.job : undefined };
      },
      async reopen(replace) {
        await open(replace);
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
