// Trains as `tasks/train.ts` does, and writes now and then what the process takes to the file that RILL_SOAK_SAMPLES names.
// RILL_SOAK_LEAK has it keep memory and a file at each, to see that this is found.

import * as tf from "@tensorflow/tfjs-core";
import { root } from "../tasks/_task.ts";
import type { Sample } from "./samples.ts";

/** The time between two samples, in milliseconds. */
const INTERVAL = 200;

const path = Deno.env.get("RILL_SOAK_SAMPLES")!;
const log = Deno.args[Deno.args.indexOf("--log") + 1]!;
const leaks = Deno.env.get("RILL_SOAK_LEAK") !== undefined;
const kept: unknown[] = [];
const file = Deno.openSync(path, { write: true, create: true, append: true });
const start = performance.now();

/** Reads a number of kB from the system's account of this process. */
function readStatus(status: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)?.[1]);
}

/** Reads the ticks, hundredths of a second, of all threads in user mode and in the system's. */
function readProcessor(): number {
  const fields = Deno.readTextFileSync("/proc/self/stat").split(") ")[1]!.split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

let logged = 0;
let step = 0;

/** Finds the last step in what was added to the log. */
function readStep(): number {
  let size: number;
  try {
    size = Deno.statSync(log).size;
  } catch {
    return step;
  }
  using opened = Deno.openSync(log);
  opened.seekSync(logged, Deno.SeekMode.Start);
  const bytes = new Uint8Array(size - logged);
  const length = opened.readSync(bytes) ?? 0;
  const end = bytes.subarray(0, length).lastIndexOf(0x0a) + 1;
  logged += end;
  for (const line of new TextDecoder().decode(bytes.subarray(0, end)).split("\n")) {
    if (line !== "") step = JSON.parse(line).step ?? step;
  }
  return step;
}

/** What the backend of the tensor library tells of its memory. */
interface BackendMemory {
  readonly wasm?: { readonly HEAPU8: Uint8Array };
}

function sample(): void {
  if (leaks) kept.push(new Uint8Array(2 ** 21).fill(1), Deno.openSync("/dev/null"));
  const status = Deno.readTextFileSync("/proc/self/status");
  const memory = tf.getBackend() ? tf.memory() : undefined;
  const { wasm } = (memory ? tf.backend() : {}) as BackendMemory;
  const onDevice = (memory as { numBytesInGPU?: number } | undefined)?.numBytesInGPU ?? 0;
  const taken: Sample = {
    seconds: (performance.now() - start) / 1000,
    step: readStep(),
    processor: readProcessor(),
    resident: readStatus(status, "VmRSS") * 1024,
    heap: Deno.memoryUsage().heapUsed,
    tensors: memory?.numTensors ?? 0,
    tensorBytes: memory?.numBytes ?? 0,
    deviceBytes: wasm?.HEAPU8.length ?? onDevice,
    handles: [...Deno.readDirSync("/proc/self/fd")].length,
    threads: readStatus(status, "Threads"),
  };
  file.writeSync(new TextEncoder().encode(`${JSON.stringify(taken)}\n`));
}

Deno.unrefTimer(setInterval(sample, INTERVAL));
await import(`file://${root}tasks/train.ts`);
