// Run with a file, runs the WebGPU tests of that: each when its name comes in on standard input, until that ends.
import { answer, hosted, readLines } from "./_webgpu_process.ts";

const [file] = Deno.args;
if (file === undefined) throw new Error("Cannot run tests as no file is given");
await import(file);
for await (const name of readLines(Deno.stdin.readable)) {
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
