import type { Absentee } from "../shared/absentee.ts";
import type { Contestant } from "./contestant.ts";
import { formatVariables, KEEP_MEMORY, startPython } from "../shared/start_python.ts";

const NAME = "torchvision, 0 workers";

/** Starts torchvision's loader in a process that waits for its turns; or says why it can't be had. */
export async function startTorchvisionLoader(): Promise<Contestant | Absentee> {
  const process = await startPython(
    new URL("torchvision_loader.py", import.meta.url),
    [],
    "torchvision",
  );
  if ("missing" in process) return { name: NAME, ...process };
  return {
    name: NAME,
    about: `${process.about}, ${formatVariables(KEEP_MEMORY)}`,
    load: async ({ side, images }) => Number(await process.ask(`${side} ${images}`)),
    close: process.close,
  };
}
