/**
 * Training on several machines: processes that `mpirun` starts exchange numbers over MPI, by Deno's foreign functions.
 *
 * @module
 */

export * from "./mpi_error.ts";
export * from "./open_mpi.ts";
