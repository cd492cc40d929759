import { PYTHONS } from "../../tasks/_bench/shared/start_python.ts";

/** Asks for what the programs import that `deno task export --pytorch` prints, without loading it. */
const ASK =
  "import importlib.util as u, sys; sys.exit(not all(map(u.find_spec, ['torch', 'torchvision', 'numpy'])))";

/** Finds the first Python that has PyTorch and torchvision and may be run. */
export async function findPytorch(): Promise<string | undefined> {
  for (const command of PYTHONS) {
    const { state } = await Deno.permissions.query({ name: "run", command });
    if (state !== "granted") continue;
    const asking = new Deno.Command(command, { args: ["-c", ASK], stdin: "null" });
    const result = await asking.output().catch(() => undefined);
    if (result?.success) return command;
  }
  return undefined;
}
