// A rank of a parallel training. It is sent its memory, its number and its job, and answers with the outcome.
import { openBackend, sharedCommunicator } from "@rill/rill/models";
import { type Job, trainRank } from "./_parallel.ts";

const scope = globalThis as unknown as {
  onmessage: (event: { data: { memory: SharedArrayBuffer; rank: number; job: Job } }) => void;
  postMessage(message: unknown): void;
};

scope.onmessage = async ({ data: { memory, rank, job } }) => {
  const communicator = sharedCommunicator(memory, rank);
  try {
    await openBackend("wasm");
    scope.postMessage({ outcome: await trainRank(communicator, job) });
  } catch (error) {
    communicator.abort(error);
    scope.postMessage({ error: String(error) });
  }
};
