// Runs a command, and prints its exit code and the peak of its resident memory in bytes, as Linux tells it. It takes all
// permissions: Deno gives nobody else a look at /proc.
const [program = "", ...args] = Deno.args;
const child = new Deno.Command(program, { args, stdin: "null", stdout: "null", stderr: "null" })
  .spawn();
let ended = false;
const status = child.status.finally(() => ended = true);
let peak = 0;
while (!ended) {
  const text = await Deno.readTextFile(`/proc/${child.pid}/status`).catch(() => "");
  const [, kilobytes = "0"] = /^VmHWM:\s+(\d+) kB/m.exec(text) ?? [];
  peak = Math.max(peak, 1024 * Number(kilobytes));
  await new Promise((resolve) => setTimeout(resolve, 20));
}
console.log(JSON.stringify({ code: (await status).code, peak }));
