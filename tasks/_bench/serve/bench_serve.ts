import { attempt, UsageError } from "../../_cli/errors.ts";
import { type FlagValues, integerFlag, numberListFlag } from "../../_cli/flags.ts";
import { runTask } from "../../_cli/run_task.ts";
import { formatMachine, readMachine } from "../shared/report.ts";

const flags = {
  port: integerFlag({
    least: 1,
    most: 65535,
    help: "The port on which deno task serve listens",
    shownDefault: "8000",
  }),
  concurrency: numberListFlag({
    least: 1,
    help: "How many requests are under way at a time, one measurement for each",
    shownDefault: "1,8,32",
  }),
  seconds: integerFlag({
    least: 1,
    help: "How long each measurement takes, after a second to warm up",
    shownDefault: "5",
  }),
};

/** `deno task bench serve`. */
export const benchServe = (args: readonly string[]): Promise<void> =>
  runTask({
    name: "bench serve",
    about:
      "Measures what deno task serve, which runs in another terminal, answers under load: pictures are sent in turn, and " +
      "each client sends its next once it has an answer. Prints requests a second and the latency that half of the requests " +
      "and 99 of 100 stay below.",
    operands: "PICTURE",
    flags,
  }, (flags, operands) =>
    attempt(() => measureServer(flags, operands)), args);

async function measureServer(
  { port = 8000, concurrency = [1, 8, 32], seconds = 5 }: FlagValues<typeof flags>,
  operands: readonly string[],
): Promise<void> {
  if (operands.length === 0) throw new UsageError("Cannot measure without pictures: name files");
  const pictures = await Promise.all(operands.map((path) => Deno.readFile(path)));
  const url = `http://127.0.0.1:${port}/`;
  const health = await fetch(`${url}health`).catch((cause) => {
    throw new Error(`Cannot measure as no server listens on ${url}: start deno task serve`, {
      cause,
    });
  });
  const { model, capacity } = await health.json();
  console.log(`${formatMachine(readMachine())}; ${model}, ${pictures.length} pictures\n`);
  console.log("| at a time | requests/s | p50 ms | p99 ms |\n| --- | --- | --- | --- |");
  for (const clients of [concurrency].flat()) {
    if (clients > capacity) {
      throw new UsageError(`Cannot measure ${clients} at a time: the server takes ${capacity}`);
    }
    await sendAll(url, pictures, clients, 1);
    const latencies = (await sendAll(url, pictures, clients, seconds)).sort((a, b) => a - b);
    const quantile = (share: number) =>
      latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))]!.toFixed(1);
    const rate = (latencies.length / seconds).toFixed(0);
    console.log(`| ${clients} | ${rate} | ${quantile(0.5)} | ${quantile(0.99)} |`);
  }
}

/** Sends pictures for so many seconds, so many at a time, and gives the latencies in milliseconds. */
async function sendAll(
  url: string,
  pictures: readonly Uint8Array<ArrayBuffer>[],
  clients: number,
  seconds: number,
): Promise<number[]> {
  const latencies: number[] = [];
  const end = performance.now() + seconds * 1000;
  let sent = 0;
  const send = async () => {
    for (let begin = performance.now(); begin < end;) {
      const body = pictures[sent++ % pictures.length]!;
      const response = await fetch(`${url}predict`, { method: "POST", body });
      const { error } = await response.json();
      if (!response.ok) throw new Error(`Cannot measure as the server refuses: ${error}`);
      const now = performance.now();
      latencies.push(now - begin);
      begin = now;
    }
  };
  await Promise.all(Array.from({ length: clients }, send));
  return latencies;
}
