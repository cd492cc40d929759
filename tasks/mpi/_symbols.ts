// The functions of MPI that are called, by the names that they have here.

/** What MPI calls a handle: an address in Open MPI, an integer in MPICH. */
export type Handle = bigint | number;

/** Memory that MPI reads or writes. Where a call goes on behind its return, it must be an `ArrayBuffer`'s, which stays where it is. */
type Memory = ArrayBufferView<ArrayBuffer>;

/** A function's code: 0 unless it has failed. */
type Code = number;

/** The functions. */
export interface Symbols {
  initialize(argc: bigint, argv: bigint, required: number, provided: Int32Array): Code;
  isInitialized(flag: Int32Array): Code;
  finalize(): Code;
  nameError(code: Code, text: Uint8Array, length: Int32Array): Code;
  nameHost(text: Uint8Array, length: Int32Array): Code;
  duplicate(communicator: Handle, made: Memory): Code;
  setErrorHandler(communicator: Handle, handler: Handle): Code;
  findRank(communicator: Handle, rank: Int32Array): Code;
  findSize(communicator: Handle, size: Int32Array): Code;
  /** With the own numbers in place. */
  gather(
    inPlace: bigint,
    count: number,
    type: Handle,
    taken: Memory,
    counts: Int32Array,
    starts: Int32Array,
    takenType: Handle,
    communicator: Handle,
    request: Memory,
  ): Code;
  exchange(
    given: Memory,
    givenCounts: Int32Array,
    givenStarts: Int32Array,
    type: Handle,
    taken: Memory,
    takenCounts: Int32Array,
    takenStarts: Int32Array,
    takenType: Handle,
    communicator: Handle,
    request: Memory,
  ): Code;
  send(
    message: Memory,
    count: number,
    type: Handle,
    to: number,
    tag: number,
    communicator: Handle,
    request: Memory,
  ): Code;
  receive(
    message: Memory,
    count: number,
    type: Handle,
    from: number,
    tag: number,
    communicator: Handle,
    status: Memory,
  ): Code;
  probe(
    from: number,
    tag: number,
    communicator: Handle,
    flag: Int32Array,
    status: Memory,
  ): Code;
  test(request: Memory, flag: Int32Array, status: Memory): Code;
  count(status: Memory, type: Handle, count: Int32Array): Code;
}

/** A type of Deno's foreign functions. */
type Type = "buffer" | "i32" | "usize" | "pointer";

/** Defines a function that may be missing. */
const define = (name: string, ...parameters: Type[]) =>
  ({ name, parameters, result: "i32" }) as const;

/** Defines the functions, of a library whose handles are of a type. */
export function defineSymbols(
  handle: "i32" | "usize",
): Record<keyof Symbols, Deno.ForeignFunction> {
  const [b, i, h] = ["buffer", "i32", handle] as const;
  return {
    initialize: define("MPI_Init_thread", "usize", "usize", i, b),
    isInitialized: define("MPI_Initialized", b),
    finalize: define("MPI_Finalize"),
    nameError: define("MPI_Error_string", i, b, b),
    nameHost: define("MPI_Get_processor_name", b, b),
    duplicate: define("MPI_Comm_dup", h, b),
    setErrorHandler: define("MPI_Comm_set_errhandler", h, h),
    findRank: define("MPI_Comm_rank", h, b),
    findSize: define("MPI_Comm_size", h, b),
    gather: define("MPI_Iallgatherv", "usize", i, h, b, b, b, h, h, b),
    exchange: define("MPI_Ialltoallv", b, b, b, h, b, b, b, h, h, b),
    send: define("MPI_Isend", b, i, h, i, i, h, b),
    receive: define("MPI_Recv", b, i, h, i, i, h, b),
    probe: define("MPI_Iprobe", i, i, h, b, b),
    test: define("MPI_Test", b, b, b),
    count: define("MPI_Get_count", b, h, b),
  };
}
