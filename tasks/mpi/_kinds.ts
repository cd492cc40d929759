// What differs between the kinds of MPI: what a handle is, and the values of constants, which are in no library but in its header.
import type { Handle } from "./_symbols.ts";

/** A kind of MPI: its libraries and its `mpirun` are of no use to another. MPICH's is Intel's and Cray's, too. */
export type MpiKind = "Open MPI" | "MPICH";

/** The handles that are there from the beginning. */
export interface Handles {
  readonly world: Handle;
  readonly errorsReturn: Handle;
  readonly float: Handle;
  readonly byte: Handle;
}

/** What a kind's header says. */
export interface KindConstants {
  readonly handle: "i32" | "usize";
  /** `MPI_IN_PLACE`. */
  readonly inPlace: bigint;
  /** `MPI_ANY_SOURCE`. */
  readonly anySource: number;
  /** Where a status has the sender and the tag, in words of 32 bits. */
  readonly status: { readonly source: number; readonly tag: number };
}

/** `MPI_ANY_TAG`. */
export const ANY_TAG = -1;

/** `MPI_THREAD_FUNNELED`: one thread alone calls MPI. */
export const FUNNELED = 1;

/** The constants of each kind. MPICH's are those that all libraries of its kind have promised each other to keep. */
export const CONSTANTS: Readonly<Record<MpiKind, KindConstants>> = {
  "Open MPI": { handle: "usize", inPlace: 1n, anySource: -1, status: { source: 0, tag: 1 } },
  MPICH: { handle: "i32", inPlace: 2n ** 64n - 1n, anySource: -2, status: { source: 2, tag: 3 } },
};

/** MPICH's handles. Open MPI's are the addresses of {@linkcode OPEN_MPI_VARIABLES}. */
export const MPICH_HANDLES: Handles = {
  world: 0x44000000,
  errorsReturn: 0x54000001,
  float: 0x4c00040a,
  byte: 0x4c00010d,
};

/** The variables of Open MPI's library whose addresses are its handles. */
export const OPEN_MPI_VARIABLES: Readonly<Record<keyof Handles, string>> = {
  world: "ompi_mpi_comm_world",
  errorsReturn: "ompi_mpi_errors_return",
  float: "ompi_mpi_float",
  byte: "ompi_mpi_byte",
};

/** A kind's library. */
export interface LibraryFile {
  /** Its names, by which the system's search finds it. */
  readonly names: readonly string[];
  /** Where distributions have it: Debian by processor, Fedora, Arch, and what is built there. */
  readonly paths: readonly string[];
}

/** The libraries of both kinds. Where Deno may open none but those that are named it takes no name without a folder. */
export const LIBRARIES: Readonly<Record<MpiKind, LibraryFile>> = {
  "Open MPI": {
    names: ["libmpi.so.40"],
    paths: [
      "/usr/lib/x86_64-linux-gnu/libmpi.so.40",
      "/usr/lib/aarch64-linux-gnu/libmpi.so.40",
      "/usr/lib64/openmpi/lib/libmpi.so.40",
      "/usr/lib/libmpi.so.40",
      "/usr/local/lib/libmpi.so.40",
    ],
  },
  MPICH: {
    names: ["libmpich.so.12", "libmpi.so.12"],
    paths: [
      "/usr/lib/x86_64-linux-gnu/libmpich.so.12",
      "/usr/lib/aarch64-linux-gnu/libmpich.so.12",
      "/usr/lib64/mpich/lib/libmpi.so.12",
      "/usr/local/lib/libmpi.so.12",
    ],
  },
};
