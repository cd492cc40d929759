// Runs the WebGPU tests of a file: each when its name comes in on standard input, until that ends.
import { hosted } from "./_webgpu.ts";
import { answer, linesOf } from "./_webgpu_process.ts";

await import(Deno.args[0]);
for await (const name of linesOf(Deno.stdin.readable)) {
  const test = hosted!.get(name);
  try {
    if (!test) throw new Error(`there is no test ${name}`);
    await test();
    answer(null);
  } catch (error) {
    answer(error);
  }
}
// At once, with what is open left open: see `webgpuTest`.
Deno.exit();
