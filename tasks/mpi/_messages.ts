// What ranks tell each other beside their numbers: that one has failed, waits, or has left.
import { ANY_TAG } from "./_kinds.ts";
import type { MpiLibrary } from "./_library.ts";
import type { Handle } from "./_symbols.ts";

/** The kinds of messages, which are their tags. */
export const MESSAGE = {
  /** A rank has failed: its number, and the reason. */
  failed: 1,
  /** The sender waits for the others in the call of this number, and asks who does. */
  waits: 2,
  /** The sender has left after so many calls. */
  left: 3,
} as const;

/** A message. */
export interface Message {
  readonly tag: number;
  readonly from: number;
  readonly number: number;
  readonly text: string;
}

/** The bytes of a message: a number, and as much of a text as there is room for. */
const BYTES = { number: 4, text: 1024 };

/** The way of the messages. */
export interface Messages {
  /** Sends a message to all others. */
  send(tag: number, number: number, text?: string): void;
  /** Receives the next message that is there. */
  receive(): Message | undefined;
  /** Tells whether all that was sent is under way, so that this rank may end. */
  isSent(): boolean;
}

/** What a rank needs to reach the others. */
export interface Group {
  /** A communicator of MPI that has nothing else on it. */
  readonly communicator: Handle;
  readonly byte: Handle;
  readonly rank: number;
  readonly size: number;
}

/** Makes the way on which a rank sends and receives messages. */
export function createMessages(
  { symbols, constants, check }: MpiLibrary,
  { communicator, byte, rank, size }: Group,
): Messages {
  // ArrayBuffers stay where they are, as MPI must have it; V8 moves small arrays that are made without one.
  const received = new Uint8Array(new ArrayBuffer(BYTES.number + BYTES.text));
  const status = new Int32Array(new ArrayBuffer(64));
  const flag = new Int32Array(1);
  const count = new Int32Array(1);
  let sent: { readonly bytes: Uint8Array; readonly request: Uint8Array<ArrayBuffer> }[] = [];

  const send: Messages["send"] = (tag, number, text = "") => {
    const letters = new TextEncoder().encode(text).subarray(0, BYTES.text);
    const bytes = new Uint8Array(new ArrayBuffer(BYTES.number + letters.length));
    new DataView(bytes.buffer).setInt32(0, number);
    bytes.set(letters, BYTES.number);
    for (let to = 0; to < size; to++) {
      if (to === rank) continue;
      const request = new Uint8Array(new ArrayBuffer(8));
      const code = symbols.send(bytes, bytes.length, byte, to, tag, communicator, request);
      // Who can't be reached needs no telling: `mpirun` ends all where one has died.
      if (code === 0) sent.push({ bytes, request });
    }
  };

  const receive: Messages["receive"] = () => {
    const { anySource, status: { source, tag } } = constants;
    check(symbols.probe(anySource, ANY_TAG, communicator, flag, status), "hear of other ranks");
    if (flag[0] === 0) return undefined;
    const message = { from: status[source]!, tag: status[tag]! };
    check(symbols.count(status, byte, count), "hear of other ranks");
    check(
      symbols.receive(
        received,
        received.length,
        byte,
        message.from,
        message.tag,
        communicator,
        status,
      ),
      "hear of other ranks",
    );
    const number = new DataView(received.buffer).getInt32(0);
    const letters = received.slice(BYTES.number, count[0]);
    return { ...message, number, text: new TextDecoder().decode(letters) };
  };

  const isSent: Messages["isSent"] = () => {
    sent = sent.filter(({ request }) => symbols.test(request, flag, status) === 0 && flag[0] === 0);
    return sent.length === 0;
  };

  return { send, receive, isSent };
}
