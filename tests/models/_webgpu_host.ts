// Run as `adapter`, says by its exit code whether there is one. Run as `tests FILE`, runs the WebGPU tests of the file: each
// when its name comes in on standard input, until that ends.
import { findDevice } from "@rill/rill/models";
import { hosted } from "./_webgpu.ts";
import { answer, linesOf } from "./_webgpu_process.ts";

const [what, file = ""] = Deno.args;
if (what === "adapter") Deno.exit(await findDevice() ? 0 : 1);
await import(file);
for await (const name of linesOf(Deno.stdin.readable)) {
  const test = hosted.get(name);
  try {
    if (!test) throw new Error(`there is no test called ${name}`);
    await test();
    answer(null);
  } catch (error) {
    answer(error);
  }
}
// At once, without closing anything: see `adapterTest`.
Deno.exit();
