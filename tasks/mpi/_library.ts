// MPI's library: where it is, of which kind, and what is called of it.
import {
  CONSTANTS,
  type Handles,
  type KindConstants,
  LIBRARIES,
  type LibraryFile,
  MPICH_HANDLES,
  type MpiKind,
  OPEN_MPI_VARIABLES,
} from "./_kinds.ts";
import { defineSymbols, type Handle, type Symbols } from "./_symbols.ts";
import { MpiError } from "./mpi_error.ts";

/** A library that is loaded. */
export interface MpiLibrary {
  /** Its path or name. */
  readonly path: string;
  readonly kind: MpiKind;
  /** Its name and version, as it says itself. */
  readonly version: string;
  readonly symbols: Symbols;
  readonly constants: KindConstants;
  /** Finds its handles, once MPI is initialized. */
  findHandles(): Handles;
  /** Reads a handle that a function has written. */
  readHandle(memory: ArrayBufferView<ArrayBuffer>): Handle;
  /** Counts the processors of this host that are online, whichever of them this process may use. Undefined where the system doesn't say. */
  countProcessors(): number | undefined;
  /** Fails if a function has. */
  check(code: number, what: string): void;
}

const ADVICE = "Debian has Open MPI in openmpi-bin and libopenmpi3, MPICH in mpich";

/**
 * Loads MPI's library: the one that is named, or the first that is found, of the preferred kind if there is one.
 *
 * @throws {MpiError} If there is none, or it is none of MPI.
 */
export function loadLibrary(named: string | undefined, preferred: MpiKind | undefined): MpiLibrary {
  const kinds: MpiKind[] = preferred === "MPICH" ? ["MPICH", "Open MPI"] : ["Open MPI", "MPICH"];
  const files = kinds.map((kind) => LIBRARIES[kind]);
  const names = named === undefined ? files.flatMap(({ names }) => names) : [named];
  const paths = named !== undefined || mayOpen() ? names : listAllowed(files);
  for (const path of paths) {
    const library = openLibrary(path);
    if (library) return library;
  }
  const all = names.length > 1 ? `${names.slice(0, -1).join(", ")} or ${names.at(-1)}` : names[0];
  throw new MpiError(`Cannot load MPI as there is no ${all}: ${ADVICE}`, { library: named });
}

/** Lists the files that may be opened where not all may. */
function listAllowed(files: readonly LibraryFile[]): readonly string[] {
  const allowed = files.flatMap(({ paths }) => paths).filter(mayOpen);
  if (allowed.length > 0) return allowed;
  throw new MpiError("Cannot load MPI as this process may not open its library: --allow-ffi");
}

const mayOpen = (path?: string): boolean =>
  Deno.permissions.querySync(path === undefined ? { name: "ffi" } : { name: "ffi", path }).state ===
    "granted";

/** Linux's `_SC_NPROCESSORS_ONLN`. */
const PROCESSORS_ONLINE = 84;

/** Opens a library. Undefined if there is none of this name. */
function openLibrary(path: string): MpiLibrary | undefined {
  const probed = probeLibrary(path);
  if (!probed) return undefined;
  const { kind, version } = probed;
  const constants = CONSTANTS[kind];
  const variables = kind === "Open MPI"
    ? Object.values(OPEN_MPI_VARIABLES).map((name) => [name, { type: "pointer" }])
    : [];
  const opened = attemptOpening(path, {
    ...defineSymbols(constants.handle),
    ...Object.fromEntries(variables),
    // The one way to an address that needs no leave to use any.
    address: { name: "MPI_Get_address", parameters: ["pointer", "buffer"], result: "i32" },
    // The C library's, which is loaded with it: what `/sys` tells would take leave to read anything.
    configuration: { name: "sysconf", parameters: ["i32"], result: "i64", optional: true },
  });
  const symbols = opened as unknown as Symbols & {
    address(variable: Deno.PointerValue, address: BigUint64Array<ArrayBuffer>): number;
    readonly configuration: ((name: number) => bigint) | null;
  };
  const check = (code: number, what: string): void => {
    if (code === 0) return;
    const reason = readText((text, length) => symbols.nameError(code, text, length));
    throw new MpiError(`Cannot ${what} as MPI says: ${reason}`, { library: path, code });
  };
  const findAddress = (name: string): bigint => {
    const address = new BigUint64Array(new ArrayBuffer(8));
    check(symbols.address(opened[name] as Deno.PointerValue, address), "find MPI's handles");
    return address[0]!;
  };
  return {
    path,
    kind,
    version,
    symbols,
    constants,
    check,
    countProcessors() {
      if (Deno.build.os !== "linux") return undefined;
      const count = Number(symbols.configuration?.(PROCESSORS_ONLINE) ?? 0);
      return count > 0 ? count : undefined;
    },
    findHandles: () =>
      kind === "MPICH" ? MPICH_HANDLES : {
        world: findAddress(OPEN_MPI_VARIABLES.world),
        errorsReturn: findAddress(OPEN_MPI_VARIABLES.errorsReturn),
        float: findAddress(OPEN_MPI_VARIABLES.float),
        byte: findAddress(OPEN_MPI_VARIABLES.byte),
      },
    readHandle: ({ buffer, byteOffset }) =>
      kind === "MPICH"
        ? new Int32Array(buffer, byteOffset, 1)[0]!
        : new BigUint64Array(buffer, byteOffset, 1)[0]!,
  };
}

/** Finds out of which kind a library is. Undefined if there is none of this name. */
function probeLibrary(path: string): { kind: MpiKind; version: string } | undefined {
  let library;
  try {
    library = Deno.dlopen(path, {
      version: {
        name: "MPI_Get_library_version",
        parameters: ["buffer", "buffer"],
        result: "i32",
        optional: true,
      },
      world: { name: OPEN_MPI_VARIABLES.world, type: "pointer", optional: true },
    });
  } catch (error) {
    if (!(error instanceof Error) || error instanceof Deno.errors.NotCapable) throw error;
    const [, reason = error.message] = /^(?:Could not open library: )+(.*)$/s.exec(error.message) ??
      [];
    if (
      /^\S+: cannot open shared object file: No such file/.test(reason) && reason.includes(path)
    ) {
      return undefined;
    }
    throw new MpiError(`Cannot load MPI as its library can't be used: ${reason}`, {
      library: path,
      cause: error,
    });
  }
  const { version, world } = library.symbols;
  if (!version) {
    throw new MpiError(`Cannot use ${path} as MPI: it is none, or older than MPI 3.0`, {
      library: path,
    });
  }
  // Its first line; Open MPI's tells behind a comma by whom it was built.
  const [text = ""] = readText(version).split(/[\n,]/);
  return {
    kind: world === null ? "MPICH" : "Open MPI",
    version: text.replace(/ Version:\s*/, " "),
  };
}

/** Opens a library with what is called of it. */
function attemptOpening(path: string, symbols: Deno.ForeignLibraryInterface) {
  try {
    return Deno.dlopen(path, symbols).symbols;
  } catch (error) {
    throw new MpiError(`Cannot use ${path} as MPI: it is older than MPI 3.0`, {
      library: path,
      cause: error,
    });
  }
}

/** The most bytes of a text; MPI's libraries have room for up to 8 KiB. */
const TEXT = 8192;

/** Reads a text that a function writes. */
export function readText(
  write: (text: Uint8Array<ArrayBuffer>, length: Int32Array<ArrayBuffer>) => unknown,
): string {
  const text = new Uint8Array(TEXT);
  const length = new Int32Array(1);
  write(text, length);
  const [written = ""] = new TextDecoder().decode(text.subarray(0, length[0])).split("\0");
  return written.trim();
}
