// A rank that is sent its memory, its number and the size of a piece, and answers when it has checked what every communicator does.
import { sharedCommunicator } from "../../../models/parallel/shared_communicator.ts";
import { checkExchanges, checkMemories } from "./_communicator.ts";

const scope = globalThis as unknown as {
  onmessage: (
    event: { data: { memory: SharedArrayBuffer; rank: number; piece: number } },
  ) => void;
  postMessage(message: unknown): void;
};

scope.onmessage = ({ data: { memory, rank, piece } }) => {
  const communicator = sharedCommunicator(memory, rank);
  try {
    checkExchanges(communicator, piece);
    checkMemories(communicator);
    scope.postMessage({ rank });
  } catch (error) {
    communicator.abort(error);
    scope.postMessage({ rank, error: String(error) });
  }
};
