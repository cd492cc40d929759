/**
 * Processes that compute together over MPI.
 *
 * @module
 */

import type { Communicator } from "../../models/parallel/communicator.ts";
import { FUNNELED } from "./_kinds.ts";
import { type Launch, readLaunch } from "./_launch.ts";
import { loadLibrary, type MpiLibrary, readText } from "./_library.ts";
import { createMpiRank, type MpiRank } from "./_mpi_communicator.ts";
import type { Handle } from "./_symbols.ts";
import { MpiError } from "./mpi_error.ts";

export { type Communicator, CommunicatorError } from "../../models/parallel/communicator.ts";
export { MpiError, type MpiErrorFacts } from "./mpi_error.ts";

/** The options of {@linkcode openMpi}. */
export interface OpenMpiOptions {
  /**
   * MPI's library: a name, or a path.
   *
   * @default {Open MPI's or MPICH's, by that of `mpirun`}
   */
  readonly library?: string | undefined;
  /**
   * How long this rank waits for another one at the most, in milliseconds, before it takes it for failed: one that hangs says
   * nothing. Time in which the whole machine sleeps doesn't count.
   *
   * @default {Infinity}
   */
  readonly timeout?: number | undefined;
  /** Tells once in each exchange which ranks this one has waited for so many milliseconds for: they may hang, or have much to do. */
  readonly delay?: {
    /** The milliseconds. */
    readonly after: number;
    /** Is called with the numbers of the ranks, from within the exchange. */
    readonly tell: (ranks: readonly number[]) => void;
  } | undefined;
}

/** Processes that compute together, of which this is one. */
export interface MpiProcesses extends Disposable {
  /** The exchange between them. This process is its rank. */
  readonly communicator: Communicator;
  /** The name of each rank's host. */
  readonly hosts: readonly string[];
  /** The name and version of MPI's library. */
  readonly library: string;
  /**
   * How many processors this rank's host has, of which it may use `navigator.hardwareConcurrency`: fewer where `mpirun` has bound it to
   * some. Undefined where the system doesn't say.
   */
  readonly processors: number | undefined;
  /**
   * Waits until all ranks have come so far, and finalizes MPI, for good. After a failure it waits for nobody and finalizes nothing:
   * then the process should end with a code other than 0, upon which `mpirun` ends the others.
   */
  [Symbol.dispose](): void;
}

/** What MPI may write to as long as the process lives, also after a failure, when nobody else has it. */
let opened: MpiRank | undefined;

/**
 * Joins the processes that `mpirun` has started with this one, as a rank of them. Each rank calls this once, on its main thread, and
 * closes what it gets at its end.
 *
 * Needs `--allow-ffi`, for MPI's library alone where its path is given (as `--allow-ffi=/usr/lib/x86_64-linux-gnu/libmpi.so.40`), and
 * `--allow-env=OMPI_COMM_WORLD_SIZE,PMI_SIZE,PMIX_RANK,MPI_LOCALRANKID,SLURM_STEP_NUM_TASKS`.
 *
 * @example Gathers a number of each rank, started as `mpirun -n 4 deno run … gather.ts`
 * ```ts ignore
 * import { openMpi } from "@rill/rill/mpi";
 *
 * using mpi = openMpi();
 * const { communicator } = mpi;
 * const numbers = mpi.hosts.map(() => new Float32Array(1));
 * numbers[communicator.rank]!.fill(communicator.rank ** 2);
 * communicator.allGather([numbers[communicator.rank]!], numbers.map((one) => [one]));
 * if (communicator.rank === 0) console.log(...numbers.map(([one]) => one)); // 0 1 4 9
 * ```
 *
 * @param options Which library is used, and how long a rank waits for the others.
 * @returns The processes.
 * @throws {MpiError} If MPI isn't there, its library and `mpirun` don't belong together, or there was no `mpirun`.
 * @throws {RangeError} If the time to wait is none.
 */
export function openMpi(
  { library: named, timeout = Infinity, delay }: OpenMpiOptions = {},
): MpiProcesses {
  if (!(timeout > 0)) {
    throw new RangeError(`Cannot wait for other ranks for ${timeout} ms: it must be more than 0`);
  }
  if (opened) throw new MpiError("Cannot open MPI as this process has opened it before");
  const launch = readLaunch((name) => Deno.env.get(name));
  const library = loadLibrary(named, launch?.kind);
  if (!launch) {
    throw new MpiError(
      `Cannot join other ranks as this process wasn't started as one: ${
        Deno.env.get("SLURM_STEP_NUM_TASKS") === undefined
          ? "mpirun -n N starts N ranks of a program"
          : "srun starts ranks by --mpi=pmix, those of MPICH by --mpi=pmi2, as far as srun --mpi=list has these"
      }`,
      { library: library.path },
    );
  }
  if (launch.kind && launch.kind !== library.kind) throw describeMismatch(library, launch);
  const { rank, size, numbers, messages, handles } = initialize(library, launch);
  const joined = createMpiRank({
    library,
    rank,
    size,
    numbers,
    float: handles.float,
    group: { communicator: messages, byte: handles.byte, rank, size },
    timeout,
    delay,
  });
  opened = joined;
  let isOpen = true;
  return {
    communicator: joined.communicator,
    hosts: gatherHosts(library, joined.communicator),
    library: library.version,
    processors: library.countProcessors(),
    [Symbol.dispose]() {
      if (!isOpen) return;
      isOpen = false;
      if (joined.leave()) library.check(library.symbols.finalize(), "finalize MPI");
    },
  };
}

/** Initializes MPI, and makes what ranks talk over. */
function initialize(library: MpiLibrary, launch: Launch) {
  const { symbols, check } = library;
  const ask = (what: string, call: (word: Int32Array) => number): number => {
    const word = new Int32Array(1);
    check(call(word), what);
    return word[0]!;
  };
  if (ask("initialize MPI", (flag) => symbols.isInitialized(flag)) !== 0) {
    throw new MpiError("Cannot open MPI as this process has opened it before");
  }
  ask("initialize MPI", (provided) => symbols.initialize(0n, 0n, FUNNELED, provided));
  const handles = library.findHandles();
  const size = ask("count the ranks", (size) => symbols.findSize(handles.world, size));
  if (launch.size !== undefined && launch.size !== size) {
    // Alone it waits for nobody, and clears away what it has made for the others.
    if (size === 1) symbols.finalize();
    throw describeMismatch(library, launch);
  }
  const rank = ask("number the ranks", (rank) => symbols.findRank(handles.world, rank));
  // Open MPI asks the world's handler about collectives on others.
  check(symbols.setErrorHandler(handles.world, handles.errorsReturn), "join the ranks");
  const duplicate = (): Handle => {
    const made = new BigUint64Array(new ArrayBuffer(8));
    check(symbols.duplicate(handles.world, made), "join the ranks");
    const communicator = library.readHandle(made);
    check(symbols.setErrorHandler(communicator, handles.errorsReturn), "join the ranks");
    return communicator;
  };
  return { rank, size, handles, numbers: duplicate(), messages: duplicate() };
}

/** Describes a library that can't join ranks which a program of another kind has started. */
function describeMismatch({ path, version, kind }: MpiLibrary, launch: Launch): MpiError {
  const what = launch.kind === kind || !launch.kind
    ? `it finds no other ranks, of ${launch.size}: it and what started them must be of one installation`
    : `mpirun is of ${launch.kind}: both must be of one kind`;
  return new MpiError(`Cannot join other ranks by ${path}, of ${version}, as ${what}`, {
    library: path,
  });
}

/** The bytes of a host's name. */
const NAME = 256;

/** Gathers the names of all ranks' hosts. */
function gatherHosts({ symbols, check }: MpiLibrary, communicator: Communicator): string[] {
  const { rank, size } = communicator;
  const names = Array.from({ length: size }, () => new Uint8Array(NAME));
  const own = readText((text, length) => check(symbols.nameHost(text, length), "name the host"));
  new TextEncoder().encodeInto(own, names[rank]!);
  const words = names.map(({ buffer }) => [new Float32Array(buffer)]);
  communicator.allGather(words[rank]!, words);
  return names.map((name) => new TextDecoder().decode(name).replace(/\0+$/, ""));
}
