// A rank that is sent its memory, its number, its group's place and the size of a piece, and answers when it has checked what every communicator does.
import { nestedCommunicator } from "../../../models/parallel/nested_communicator.ts";
import { sharedCommunicator } from "../../../models/parallel/shared_communicator.ts";
import type { Communicator } from "../../../models/parallel/communicator.ts";
import { checkExchanges, checkGiving, checkMemories } from "./_communicator.ts";

/** What a rank is sent. */
export interface CommunicatorJob {
  readonly memory: SharedArrayBuffer;
  readonly rank: number;
  /** The groups' memory, and which of them this rank belongs to, where there are several. */
  readonly groups?: {
    readonly memory: SharedArrayBuffer;
    readonly rank: number;
    readonly size: number;
  };
  readonly piece: number;
}

function join({ memory, rank, groups }: CommunicatorJob): Communicator {
  const own = sharedCommunicator(memory, rank);
  if (!groups) return own;
  const across = rank === 0 ? sharedCommunicator(groups.memory, groups.rank) : groups;
  return nestedCommunicator(own, across);
}

const scope = globalThis as unknown as {
  onmessage: (event: { readonly data: CommunicatorJob }) => void;
  postMessage(message: unknown): void;
};

scope.onmessage = ({ data }) => {
  const communicator = join(data);
  const { rank } = communicator;
  try {
    checkExchanges(communicator, data.piece);
    checkMemories(communicator);
    checkGiving(communicator, data.piece);
    scope.postMessage({ rank });
  } catch (error) {
    communicator.abort(error);
    scope.postMessage({ rank, error: String(error) });
  }
};
