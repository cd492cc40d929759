// A rank of a training that is compared with PyTorch's. It is sent its memory, its number and the network, and says when it ends.
import { openBackend, sharedCommunicator } from "@rill/rill/models";
import type { ReferenceName } from "./_references.ts";
import { trainAsRank } from "./_train_reference.ts";

const scope = globalThis as unknown as {
  onmessage: (
    event: { data: { memory: SharedArrayBuffer; rank: number; name: ReferenceName } },
  ) => void;
  postMessage(message: { error?: string }): void;
};

scope.onmessage = async ({ data: { memory, rank, name } }) => {
  const communicator = sharedCommunicator(memory, rank);
  try {
    await openBackend("wasm");
    await trainAsRank(name, communicator);
    scope.postMessage({});
  } catch (error) {
    communicator.abort(error);
    scope.postMessage({ error: String(error) });
  }
};
