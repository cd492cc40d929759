// A clock that jumps, as by a time server or a hand: intervals don't see it, and no file but the log has a time in it.
import { assert, assertEquals } from "@std/assert";
import { namesIn as names } from "./_run_folder.ts";
import { readTaskArgs, root, withFolder } from "./_task.ts";

/** Has the date jump back and forth by days at each look. */
const JUMPS = `
  const { now } = Date;
  let looks = 0;
  const jump = () => now() + (looks++ % 2 === 0 ? 1 : -1) * looks * 86_400_000;
  globalThis.Date = class extends Date {
    constructor(...given) {
      if (given.length === 0) super(jump());
      else super(...given);
    }
    static now() {
      return jump();
    }
  };
`;

/** Trains a small network, with a module that is loaded before. Gives the files of the run. */
async function train(run: string, preload: readonly string[]): Promise<Map<string, Uint8Array>> {
  const [command = "", ...args] = await readTaskArgs("train");
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [command, ...preload, ...args, "--backend", "wasm", "--threads", "1", "--out", run]
      .concat("--model", "lenet", "--activation", "relu", "--batch-size", "16", "--epochs", "2")
      .concat("--images", "128", "--test-images", "16", "--save-every", "3"),
    cwd: root,
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  assertEquals(code, 0, new TextDecoder().decode(stderr));
  const files = new Map<string, Uint8Array>();
  for (const name of await names(run)) files.set(name, await Deno.readFile(`${run}/${name}`));
  return files;
}

Deno.test("a clock that jumps changes nothing of a run but the date in its log", () =>
  withFolder(async (dir) => {
    await Deno.writeTextFile(`${dir}/jumps.js`, JUMPS);
    const jumped = await train(`${dir}/jumped`, ["--preload", `${dir}/jumps.js`]);
    const usual = await train(`${dir}/usual`, []);
    const logOf = (files: ReadonlyMap<string, Uint8Array>) =>
      new TextDecoder().decode(files.get("log.jsonl")).trim().split("\n").map((line) =>
        JSON.parse(line)
      );
    const [run, ...events] = logOf(jumped);
    const [{ time }] = logOf(usual);
    assert(Math.abs(Date.parse(run.time) - Date.parse(time)) > 3_600_000, "it has jumped");
    for (const { seconds = 0 } of events) assert(seconds >= 0 && seconds < 600, `${seconds} s`);
    for (const files of [jumped, usual]) files.delete("log.jsonl");
    assertEquals([...jumped.keys()], [...usual.keys()]);
    for (const [name, bytes] of usual) assertEquals(jumped.get(name), bytes, name);
  }));
