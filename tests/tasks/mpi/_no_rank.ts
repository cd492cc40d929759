// A process that mpirun hasn't started, or not the right one. Prints why it can't join others.
import { MpiError, openMpi } from "@rill/rill/mpi";

const LIBRARY = "libmpi.so.40";

/** Prints the error, with its facts. */
function attempt(library: string | undefined): void {
  try {
    openMpi({ library });
    console.log("opened");
  } catch (error) {
    if (!(error instanceof MpiError)) throw error;
    console.log(JSON.stringify([error.message, error.library]));
  }
}

/** Says what the `mpirun` of a kind says. */
function claim(variables: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(variables)) Deno.env.set(name, value);
}

if (import.meta.main) {
  const [file] = Deno.args;
  // Whatever is installed.
  for (const library of ["libnothing.so.1", file, "libc.so.6"]) attempt(library);
  if (Deno.args[1] === "installed") {
    attempt(LIBRARY);
    claim({ SLURM_STEP_NUM_TASKS: "2" });
    attempt(LIBRARY);
    claim({ PMI_SIZE: "2", MPI_LOCALRANKID: "0" });
    attempt(LIBRARY);
    claim({ OMPI_COMM_WORLD_SIZE: "2" });
    attempt(LIBRARY);
  }
}
