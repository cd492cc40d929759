// A rank that is sent its memory, its number and what to do, and answers with the arrays that it has taken of each rank.
import { sharedCommunicator } from "../../../models/parallel/shared_communicator.ts";
import { type Exchange, givenBy, lengthsFor } from "./_communicator.ts";

const scope = globalThis as unknown as {
  onmessage: (
    event: { data: { memory: SharedArrayBuffer; rank: number; exchanges: Exchange[] } },
  ) => void;
  postMessage(message: unknown): void;
};

scope.onmessage = ({ data: { memory, rank, exchanges } }) => {
  const communicator = sharedCommunicator(memory, rank);
  const results = exchanges.map(({ call, lengths }) => {
    const room = (lengths: readonly number[]) => lengths.map((length) => new Float32Array(length));
    if (call === "allGather") {
      const taken = lengths.map(room);
      communicator.allGather(givenBy(rank, 0, lengths[rank]!), taken);
      return taken;
    }
    const taken = lengths.map((lengths, from) => room(lengthsFor(lengths, from, rank)));
    communicator.exchange(
      lengths.map((_, to) => givenBy(rank, to, lengthsFor(lengths[rank]!, rank, to))),
      taken,
    );
    return taken;
  });
  scope.postMessage(results);
};
