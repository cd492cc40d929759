import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { permissions } from "../../tasks/_cli/permissions.ts";
import { formatCommand, getTaskArgs } from "../../tasks/_cli/program.ts";
import { serveJsr } from "../_package/jsr_server.ts";
import { writePictures } from "./_checkpoints.ts";
import { type ServedTask, withServedProcess } from "./serve/_served_task.ts";
import { readTaskArgs, type TaskResult, withFolder } from "./_task.ts";

Deno.test("hints and arguments are those of the way in which the program was called", () => {
  const task = "file:///a/rill/tasks/train.ts";
  const programs = [
    "file:///a/rill/tasks/cli.ts",
    "https://jsr.io/@rill/rill/0.1.0/tasks/cli.ts",
    "jsr:@rill/rill/cli",
    "jsr:@rill/rill@^0.1/cli",
    "jsr:/@rill/rill@0.1.0/cli",
  ];
  const checkout = "/a/rill/";
  const format = (folder?: string, main = task) =>
    formatCommand("train --yes", { main, checkout, folder });
  for (const inside of ["/a/rill", "/a/rill/docs", "/a/rill/..runs"]) {
    assertEquals(format(inside), "deno task train --yes");
  }
  // \`deno task\` looks for its tasks where the person stands.
  const [sister, root] = [format("/a/my photos"), format("/")];
  assertEquals(sister, "deno task --config ../rill/deno.json train --yes");
  assertEquals(root, "deno task --config a/rill/deno.json train --yes");
  const spaced = formatCommand("train", { main: task, checkout: "/a/my rill", folder: "/a" });
  assertEquals(spaced, "deno task --config 'my rill/deno.json' train");
  assertEquals(getTaskArgs(["--yes"], task), ["--yes"]);
  for (const program of programs) {
    assertEquals(format("/a", program), "rill train --yes");
    assertEquals(getTaskArgs(["train", "--yes"], program), ["--yes"]);
  }
});

Deno.test("rill permissions names what deno task gives", async () => {
  for (const [task, flags] of Object.entries(permissions)) {
    const given = (await readTaskArgs(task)).filter((word) => word.startsWith("--allow-"))
      // deno task lets data and weights come from anywhere; the least is what no flag names.
      .map((flag) => flag === "--allow-net" ? flags.find((own) => own.startsWith(flag))! : flag);
    assertEquals([...flags].sort(), given.sort(), task);
  }
});

/** A folder in which there is nothing of Rill's, a home that is empty, and a registry with the package. */
async function inEmptyFolder(
  body: (
    dir: string,
    rill: (args: readonly string[], allowed?: readonly string[]) => Promise<TaskResult>,
    serve: (
      args: readonly string[],
      allowed: readonly string[],
      use: (served: ServedTask) => Promise<void>,
    ) => Promise<void>,
  ) => Promise<void>,
): Promise<void> {
  await using server = await serveJsr();
  await withFolder(async (dir) => {
    for (const name of ["work", "home", "cache"]) await Deno.mkdir(`${dir}/${name}`);
    // The npm packages are those that are there already; what is Rill's is fetched.
    const { npmCache } = await describeDeno();
    await Deno.symlink(npmCache, `${dir}/cache/npm`);
    const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    const start = (args: readonly string[], allowed: readonly string[]) => ({
      args: ["run", "--quiet", "--no-prompt", ...allowed, "jsr:@rill/rill/cli", ...args],
      cwd: `${dir}/work`,
      env: {
        NO_COLOR: "1",
        HOME: `${dir}/home`,
        DENO_DIR: `${dir}/cache`,
        JSR_URL: server.url,
      },
    });
    await body(`${dir}/work`, async (args, allowed = ["--allow-all"]) => {
      const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
        ...start(args, allowed),
        stdin: "null",
        stdout: "piped",
        stderr: "piped",
        signal: AbortSignal.timeout(180_000),
      }).output();
      const text = decode(stderr);
      const errors = text.split("\n").filter((line) => line.startsWith("error:"));
      return { code, stdout: decode(stdout), stderr: text, errors };
    }, (args, allowed, use) => withServedProcess(start(args, allowed), use));
  });
}

async function describeDeno(): Promise<{ readonly npmCache: string }> {
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json"] }).output();
  return JSON.parse(new TextDecoder().decode(stdout));
}

Deno.test("the package trains, evaluates and predicts in an empty folder, as it would be published", () =>
  inEmptyFolder(async (dir, rill, serve) => {
    const version = await rill(["--version"]);
    assertMatch(version.stdout, /^rill \d+\.\d+\.\d+ \(deno .*\)\n$/);
    const help = await rill(["--help"]);
    assertStringIncludes(help.stdout, "rill train|evaluate|predict|");
    const mistaken = await rill(["predcit"]);
    assertEquals(mistaken.code, 2);
    assertStringIncludes(mistaken.stderr, '"predcit" is not known (did you mean predict?)');

    // The model file names the package by the name that it has everywhere, here without an import map.
    await writePictures(`${dir}/photos`, ["ants", "bees"], 12);
    await Deno.writeTextFile(`${dir}/width.ts`, "export const width: number = 4;\n");
    await Deno.writeTextFile(
      `${dir}/net.ts`,
      'import { conv2d, flatten, linear, relu, sequential } from "@rill/rill/models";\n' +
        'import { width } from "./width.ts";\n' +
        "export default ({ classes }: { classes: number }) =>\n" +
        "  sequential({ net: sequential([conv2d({ filters: width, kernelSize: 3 }), relu(), " +
        "flatten(), linear(classes)]) });\n",
    );
    await Deno.writeTextFile(
      `${dir}/augment.ts`,
      'import { flipHorizontal, resize } from "@rill/rill/pipelines";\n' +
        'import { flow } from "npm:fp-ts@2.16.11/lib/function.js";\n' +
        "export default ({ side }: { side: number }) =>\n" +
        "  flow(flipHorizontal(), resize({ height: side, width: side }));\n",
    );
    const trained = await rill(
      ["train", "--data", "folder:photos", "--model", "net.ts", "--pipeline", "augment.ts"]
        .concat("--side", "16", "--batch-size", "8", "--epochs", "1", "--threads", "2")
        .concat("--workers", "1", "--backend", "wasm", "--out", "runs/a"),
    );
    assertEquals(trained.code, 0, trained.stderr);
    assertMatch(trained.stdout, /^epoch 1, loss \d/);
    assertStringIncludes(trained.stderr, "with: rill evaluate --checkpoint runs/a");

    // It prints what it has of each: one is asked for here.
    const asked = await rill(["permissions", "evaluate"]);
    assertEquals(asked.stdout.trim().split(" "), permissions.evaluate);
    const allowed = (task: string) => {
      const { [task]: flags } = permissions;
      assert(flags, task);
      return flags;
    };
    const evaluated = await rill(
      ["evaluate", "--checkpoint", "runs/a", "--json", "--backend", "wasm"],
      allowed("evaluate"),
    );
    assertEquals(evaluated.code, 0, evaluated.stderr);
    const { accuracy, split } = JSON.parse(evaluated.stdout);
    assertEquals(split, "validation");
    const [, told] = /val acc (\S+),/.exec(trained.stdout) ?? [];
    assertEquals(accuracy.toFixed(3), told);
    // The pages come from the package, too, with what draws on them.
    const serveArgs = ["serve", "--checkpoint", "runs/a", "--backend", "wasm", "--port", "0"];
    await serve(serveArgs, allowed("serve"), async ({ url, process, notes }) => {
      const page = await (await fetch(url)).text();
      assertStringIncludes(page, "(function runPage(drawByKeys) {");
      const picture = await Deno.readFile(`${dir}/photos/ants/0.png`);
      const answer = await fetch(`${url}/predict`, { method: "POST", body: picture });
      assertEquals((await answer.json()).predictions.length, 2);
      process.kill("SIGTERM");
      assertEquals((await process.status).code, 0, notes());
    });
    const predicted = await rill(
      ["predict", "--json", "--quiet", "photos/ants/0.png", "photos/bees"],
      allowed("predict"),
    );
    assertEquals([predicted.code, predicted.stderr], [0, ""]);
    const lines = predicted.stdout.trim().split("\n").map((line) => JSON.parse(line));
    assertEquals(lines.length, 13);
    assert(lines.every(({ predictions }) => predictions.length === 2));

    const summary = await rill(["summary", "--model", "lenet"], allowed("summary"));
    assertEquals(summary.code, 0, summary.stderr);
    assertStringIncludes(summary.stdout, "LeNet for images of 28 x 28 x 1");
    const data = await rill(["data", "--data", "folder:photos", "--json"], allowed("data"));
    assertEquals(data.code, 0, data.stderr);
    const devices = await rill(["devices", "--json"], allowed("devices"));
    assert("auto" in JSON.parse(devices.stdout));
    const pipeline = await rill(
      ["pipeline", "--data", "folder:photos", "--side", "16", "--json", "--quiet"],
      allowed("pipeline"),
    );
    assertEquals(pipeline.code, 0, pipeline.stderr);
    const resume = ["train", "--resume", "runs/a", "--epochs", "100000", "--quiet", "--dashboard"];
    const mayServe = [...allowed("train"), "--allow-net=127.0.0.1"];
    await serve(resume, mayServe, async ({ url, process, notes }) => {
      const page = await (await fetch(url)).text();
      assertStringIncludes(page, "uPlot=function(){");
      assertStringIncludes(page, ".uplot, .uplot *");
      assertStringIncludes(page, "(function runPage() {");
      process.kill("SIGINT");
      assertEquals((await process.status).code, 130, notes());
    });
    // Nothing but what was asked for.
    const names = await Array.fromAsync(Deno.readDir(dir), ({ name }) => name);
    assertEquals(names.sort(), ["augment.ts", "net.ts", "photos", "runs", "width.ts"]);
  }));
