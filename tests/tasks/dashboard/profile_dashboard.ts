// Measures by a profile which part of a training's time on its thread goes into the dashboard, with a page open in Chromium:
//
//     deno run -A tests/tasks/dashboard/profile_dashboard.ts --seconds 60 --preset quick --backend wasm --threads 1
//
// All but --seconds is for `deno task train`. V8 samples the thread that trains; the stack of a sample tells what it is in.
import { driveChromium } from "../../_package/drive_chromium.ts";
import { findProgram } from "../../_package/find_program.ts";
import { readTaskArgs, root, withFolder } from "../_task.ts";

/** What V8's profiler gives. */
interface Profile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string };
    readonly children?: readonly number[];
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

/** Where a sample is, by the first of these that one of its stack's frames is in; else it is in the training. */
const PLACES: readonly (readonly [place: string, url: RegExp])[] = [
  ["the dashboard", /\/tasks\/(_train\/dashboard|_http)\//],
  ["Deno's HTTP server", /^ext:deno_(http|net)\//],
  ["web streams, those of the input, too", /^ext:deno_web\/06_streams/],
];

/** Adds up the microseconds of a profile by what its samples are in, the idle ones aside. */
function addUp({ nodes, samples, timeDeltas }: Profile): Map<string, number> {
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((c) => [c, id])));
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const place = (sample: number): string => {
    const stack: string[] = [];
    for (let id: number | undefined = sample; id !== undefined; id = parents.get(id)) {
      stack.push(frames.get(id)!.url);
    }
    const found = PLACES.find(([, url]) => stack.some((one) => url.test(one)));
    const { functionName } = frames.get(sample)!;
    // Deno's own work outside JavaScript, sockets' and files' too, can't be told apart from waiting for it.
    return found?.[0] ??
      (/^\((idle|program)\)$/.test(functionName) ? functionName : "the training");
  };
  const sums = new Map<string, number>();
  samples.forEach((sample, i) => {
    const at = place(sample);
    sums.set(at, (sums.get(at) ?? 0) + timeDeltas[i]!);
  });
  return sums;
}

/** Profiles a process of Deno by the tools at a port. */
async function profile(port: number, seconds: number): Promise<Profile> {
  const [target] = await (await fetch(`http://127.0.0.1:${port}/json/list`)).json();
  const socket = new WebSocket(target.webSocketDebuggerUrl);
  await new Promise((resolve) => socket.onopen = resolve);
  let last = 0;
  const ask = (method: string, params = {}) => {
    const id = ++last;
    socket.send(JSON.stringify({ id, method, params }));
    return new Promise<{ profile: Profile }>((resolve) => {
      socket.addEventListener("message", ({ data }) => {
        const answer = JSON.parse(data);
        if (answer.id === id) resolve(answer.result);
      });
    });
  };
  await ask("Profiler.enable");
  await ask("Profiler.setSamplingInterval", { interval: 200 });
  await ask("Profiler.start");
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  const { profile } = await ask("Profiler.stop");
  socket.close();
  return profile;
}

/** Finds a port that is free. */
function findPort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

const given = Deno.args.indexOf("--seconds");
const seconds = given < 0 ? 60 : Number(Deno.args[given + 1]);
const rest = given < 0 ? Deno.args : Deno.args.toSpliced(given, 2);
const chromium = await findProgram("chromium", "google-chrome");
if (!chromium) throw new Error("Cannot measure without Chromium");

await withFolder(async (dir) => {
  const port = findPort();
  const args = (await readTaskArgs("train")).toSpliced(1, 0, `--inspect=127.0.0.1:${port}`);
  const process = new Deno.Command(Deno.execPath(), {
    args: [...args, ...rest, "--dashboard", "--out", `${dir}/run`],
    cwd: root,
    env: { NO_COLOR: "1", INIT_CWD: Deno.cwd() },
    stderr: "piped",
  }).spawn();
  const url = Promise.withResolvers<string>();
  const reading = (async () => {
    let text = "";
    for await (const part of process.stderr.pipeThrough(new TextDecoderStream())) {
      text += part;
      const [found] = /http:\/\/127\S+#\w+/.exec(text) ?? [];
      if (found !== undefined) url.resolve(found);
    }
    url.reject(new Error(`the run has ended: ${text}`));
  })();
  try {
    await driveChromium(chromium.name, await url.promise, async (page) => {
      const step = () =>
        page.evaluate<number>(`Number.parseInt(document.getElementById("now-step").textContent)`);
      await page.waitFor(`/^[2-9]/.test(document.getElementById("now-step").textContent)`);
      const before = await step();
      const sums = addUp(await profile(port, seconds));
      const steps = await step() - before;
      const busy = [...sums].reduce((sum, [name, time]) => name === "(idle)" ? sum : sum + time, 0);
      console.log(`${steps} steps, of ${Math.round(busy / steps / 1000)} ms on the thread each`);
      for (const [name, time] of [...sums].sort(([, a], [, b]) => b - a)) {
        const share = name === "(idle)" ? "" : `, ${(time / busy * 100).toFixed(4)} %`;
        console.log(`${name}: ${(time / 1000).toFixed(1)} ms${share}`);
      }
    });
  } finally {
    process.kill("SIGKILL");
    await reading.catch(() => {});
    await process.status;
  }
});
