// A rank that mpirun starts: what it does is its argument.
import { MpiError, openMpi } from "@rill/rill/mpi";
import { assertThrows } from "@std/assert";
import { computePiece } from "../../../tasks/mpi/_mpi_communicator.ts";
import {
  checkExchanges,
  checkFailure,
  checkMemories,
  fail,
  FAILING,
} from "../../models/parallel/_communicator.ts";

const MODES = ["check", "fail", "leave", "kill", "orphan", "hang"] as const;

/** What a rank does. */
export type Mode = (typeof MODES)[number];

/** How long a rank waits for one that hangs, in milliseconds. */
export const TIMEOUT = 3000;

/** Does nothing for a minute. */
const hang = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60_000);

/** Runs the rank as one of several. */
function run(mode: Mode): void {
  const tell = (ranks: readonly number[]) => console.log(`late: ${ranks}`);
  const delay = { after: TIMEOUT / 2, tell };
  using mpi = openMpi(mode === "hang" ? { timeout: TIMEOUT, delay } : {});
  const { communicator, hosts, library } = mpi;
  const { rank, size } = communicator;
  console.log(`${rank} of ${size} is process ${Deno.pid}`);
  if (mode === "check") {
    // The longest arrays are just more than what is moved at a time.
    checkExchanges(communicator, Math.ceil(computePiece(size) / size));
    checkMemories(communicator);
    assertThrows(() => openMpi(), MpiError, "as this process has opened it before");
    console.log(`${rank} has checked ${library} on ${new Set(hosts).size} host`);
    return;
  }
  if (mode === "fail") {
    if (rank === FAILING) fail(communicator);
    checkFailure(communicator);
    console.log(`${rank} was told`);
    hang();
  }
  if (rank === FAILING) {
    if (mode === "leave") return;
    if (mode === "kill") Deno.kill(Deno.pid, "SIGKILL");
    if (mode === "orphan") Deno.kill(Deno.ppid, "SIGKILL");
    else hang();
  } else if (mode === "orphan") hang();
  // The last comes late, and isn't taken for the one that hangs.
  if (rank === size - 1) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500);
  const numbers = Array.from({ length: size }, () => [new Float32Array(1)]);
  communicator.allGather(numbers[rank]!, numbers);
}

if (import.meta.main) {
  try {
    run(MODES.find((mode) => mode === Deno.args[0])!);
    // Who has left outlives the others, as mpirun ends all where one ends without having finalized.
    if (Deno.args[0] === "leave") hang();
  } catch (error) {
    console.error(`error: ${error instanceof Error ? error.message : error}`);
    Deno.exitCode = 1;
  }
}
