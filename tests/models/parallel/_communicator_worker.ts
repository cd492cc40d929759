// A rank that is sent its memory, its number and what to do, and answers with the arrays after it.
import { sharedCommunicator } from "../../../models/parallel/shared_communicator.ts";
import { arraysOf, type Exchange } from "./_communicator.ts";

const scope = globalThis as unknown as {
  onmessage: (
    event: { data: { memory: SharedArrayBuffer; rank: number; exchanges: Exchange[] } },
  ) => void;
  postMessage(message: unknown): void;
};

scope.onmessage = ({ data: { memory, rank, exchanges } }) => {
  const communicator = sharedCommunicator(memory, rank);
  const results = exchanges.map(({ call, lengths, times }) => {
    const arrays = arraysOf(rank, lengths);
    for (let i = 0; i < times; i++) communicator[call](arrays);
    return arrays;
  });
  scope.postMessage(results);
};
