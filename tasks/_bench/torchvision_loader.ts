import type { Absentee, Contestant } from "./contestant.ts";

const NAME = "torchvision, 0 workers";
const PYTHON = "/usr/bin/python3";

/** torchvision's loader, in a process that waits for its turns; or why there is none. */
export async function torchvisionLoader(): Promise<Contestant | Absentee> {
  let process: Deno.ChildProcess;
  try {
    process = new Deno.Command(PYTHON, {
      args: [new URL("torchvision_loader.py", import.meta.url).pathname],
      env: { PATH: "/usr/bin:/bin", LC_ALL: "C" },
      clearEnv: true,
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
    }).spawn();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return { name: NAME, missing: `there is no ${PYTHON}` };
  }
  const lines = linesOf(process.stdout);
  const writer = process.stdin.getWriter();
  const close = async () => {
    await writer.close().catch(() => {}); // It may have ended by itself.
    await lines.return();
    await process.status;
  };
  const { value: about } = await lines.next();
  if (!about) {
    await close();
    return { name: NAME, missing: `${PYTHON} has no torchvision` };
  }
  return {
    name: NAME,
    about,
    load: async ({ side, images }) => {
      await writer.write(new TextEncoder().encode(`${side} ${images}\n`));
      const { value } = await lines.next();
      if (!value) throw new Error("Cannot measure torchvision: its process ended");
      return Number(value);
    },
    close,
  };
}

async function* linesOf(
  bytes: ReadableStream<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<string, void> {
  let line = "";
  for await (const text of bytes.pipeThrough(new TextDecoderStream())) {
    const [first, ...rest] = (line + text).split("\n");
    line = first;
    for (const next of rest) {
      yield line;
      line = next;
    }
  }
}
