import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { encodeSafetensors, type StoredTensor } from "../../models/mod.ts";
import { formatError, isUsageError } from "../../tasks/_cli/errors.ts";
import type { Flags } from "../../tasks/_cli/flags.ts";
import { parseFlags } from "../../tasks/_cli/parse_flags.ts";
import { commonFlags } from "../../tasks/_cli/run_task.ts";
import { evaluateFlags } from "../../tasks/_evaluate/evaluate_flags.ts";
import { trainFlags } from "../../tasks/_train/train_flags.ts";
import { fashionMnist } from "../../tasks/_data/fetch/fashion_mnist.ts";
import { getError } from "../models/_helpers.ts";
import { gzip } from "./_fake_dataset.ts";
import { sample } from "../_nightly.ts";
import { root, runTask, withFolder } from "./_task.ts";

/** Runs a task that must fail with one clear line and nothing on standard output. */
async function fails(
  args: readonly string[],
  message: string,
  { code = 1, ...options }: { code?: number; env?: Record<string, string>; cwd?: string } = {},
): Promise<string> {
  const result = await runTask(args, options);
  assertEquals([result.code, result.stdout, result.errors.length], [code, "", 1], result.stderr);
  const lines = result.stderr.trim().split("\n");
  assertEquals(lines.at(-1), result.errors[0], "the error is the last line, without a stack");
  const [error = ""] = result.errors;
  assertStringIncludes(error, message);
  return error;
}

Deno.test("what is wrong on a command line is named, as a wrong use", () => {
  const flags = { train: trainFlags, evaluate: evaluateFlags };
  const cases: [keyof typeof flags, string[], string][] = [
    ["train", ["now"], '"now" is not known'],
    ["train", ["--side", "0"], "Cannot use --side 0: it must be an integer of at least 1"],
    ["train", ["--batch-size", "many"], "Cannot use --batch-size many"],
    ["train", ["--images", "0"], "Cannot use --images 0: it must be an integer of at least 1"],
    ["train", ["--learning-rate", "-1"], "it must be a number above 0"],
    ["train", ["--dropout", "1"], "it must be a number of at least 0 and below 1"],
    ["train", ["--optimizer", "lion"], "it must be one of adam, adamw, sgd"],
    ["train", ["--kernels", "fast"], "it must be one of rill, direct, stock"],
    ["train", ["--precision", "half"], "it must be one of float32, mixed"],
    ["train", ["--out"], "--out lacks its value"],
    ["evaluate", ["--test-images", "0"], "Cannot use --test-images 0"],
    ["evaluate", ["--threads", "65"], "it must be an integer of at least 1 and at most 64"],
    ["train", ["--epochs", "99999999999999999999"], "at least 1 and at most 1000000"],
    ["train", ["--yes=no"], "Cannot use --yes=no: it must be true or false"],
    ["train", ["--shuffle=no"], "Cannot use --shuffle=no: it must be true or false"],
    ["train", ["--no-shuffle=yes"], "Cannot use --no-shuffle=yes: it must be true or false"],
    ["train", ["--seed", "1", "--seed=2"], "--seed is given twice"],
    ["train", ["--lr", "0.1"], "the flag --lr is not known (did you mean --learning-rate?)"],
    ["train", ["--", "--epochs", "3"], '"--" is not known'],
    ["evaluate", ["run/best.safetensors"], '"run/best.safetensors" is not known'],
  ];
  for (const [task, args, message] of cases) {
    const error = getError(parseFlags<Flags>({ ...flags[task], ...commonFlags }, args));
    assert(isUsageError(error), error.message);
    assertStringIncludes(formatError(error), message);
  }
});

Deno.test("a wrong command line ends with code 2 and the flag's name", async () => {
  const cases: [string[], string][] = [
    [["train", "--sides", "99"], "the flag --sides is not known"],
    [["evaluate", "--json=no"], "Cannot use --json=no: it must be true or false"],
    [["summary", "--side", "1.5"], "Cannot use --side 1.5"],
    [["devices", "--json=0"], "Cannot use --json=0: it must be true or false"],
    [["pipeline", "--workers", "0x2"], "Cannot use --workers 0x2"],
    [["tune", "--seconds", " 5"], "Cannot use --seconds  5"],
    [["fuzz", "--decoder", "gif"], "Cannot use --decoder gif: it must be one of"],
    [["data", "--quiet=maybe"], "Cannot use --quiet=maybe"],
    [["exports", "now"], '"now" is not known'],
    [["bench"], "a word is missing"],
    [["bench", "trian"], '"trian" is not known (did you mean train?)'],
    [["bench", "kernels", "--peak", "５"], "Cannot use --peak ５"],
  ];
  for (const [args, message] of cases) await fails(args, message, { code: 2 });
});

Deno.test("flags that don't go together are named", async () => {
  const cases: [string[], string][] = [
    [["train", "--momentum", "0.9"], "Cannot use --momentum with adam"],
    [["train", "--weights", "a", "--resume", "b"], "Cannot use --weights with --resume"],
    [["train", "--kernels", "stock", "--precision", "mixed"], "with --kernels stock"],
    [["train", "--images", "8", "--warmup", "9", "--backend", "wasm"], "Cannot use --warmup 9"],
    [["evaluate"], "Cannot evaluate without --checkpoint FILE"],
  ];
  for (const [args, message] of cases) await fails(args, message, { code: 2 });
});

Deno.test("every task prints its help and its version", async () => {
  const benches = ["pipelines", "train", "kernels", "roofline", "sets", "input"];
  const tasks = [
    "train",
    "evaluate",
    "predict",
    "report",
    "summary",
    "devices",
    "data",
    "pipeline",
    "tune",
    "fuzz",
  ]
    .concat("exports", "bench").map((task) => [task])
    .concat(benches.map((word) => ["bench", word]));
  for (const task of sample(tasks, ["train"], ["bench"], ["bench", "sets"])) {
    const help = await runTask([...task, "--help"]);
    assertEquals([help.code, help.stderr], [0, ""]);
    assert(help.stdout.startsWith(`deno task ${task.join(" ")} `), help.stdout);
  }
  // Their short forms are read in one place, and by bench in another.
  for (const task of [["summary"], ["bench", "sets"]]) {
    assertEquals(await runTask([...task, "-h"]), await runTask([...task, "--help"]));
    assertMatch((await runTask([...task, "-v"])).stdout, /^rill \d+\.\d+\.\d+ \(deno .*\)\n$/);
  }
  const mistaken = await runTask(["train", "--epochs", "--lr", "3", "-h"]);
  assertEquals([mistaken.code, mistaken.stderr], [0, ""], "help is help, whatever else is there");
});

Deno.test("a side that is too small gives the layer", () =>
  withFolder(async (dir) => {
    for (
      const args of [
        ["summary"],
        ["tune"],
        ["train", "--backend", "wasm", "--out", `${dir}/run`],
      ]
    ) {
      await fails(
        [...args, "--side", "66"],
        "Cannot use --side 66 as AlexNet takes 67 at least: its layer conv.12 needs at least 3 x 3 pixels",
        { code: 2 },
      );
    }
    assertEquals((await runTask(["summary", "--side", "67"])).code, 0);
    assertEquals(await Array.fromAsync(Deno.readDir(dir)), []);
  }));

Deno.test("wrong data files are named, never used, and left as they are", () =>
  withFolder(async (dir) => {
    const { files } = fashionMnist;
    const labels = `${dir}/${files.trainLabels.name}`;
    await fails(["data", "--data-dir", `${dir}/absent`], "there is no such folder");
    await fails(["data", "--data-dir", dir], "it lacks train-images-idx3-ubyte");

    // A header that promises 2^31 items is refused by its sum before anything is decoded.
    await Deno.writeFile(labels, Uint8Array.of(0, 0, 8, 1, 0x80, 0, 0, 0, 1, 2, 3));
    const line = await fails(
      ["data", "--data-dir", dir],
      `${labels} is refused: 11 of 60,008 bytes`,
    );
    assertStringIncludes(line, files.trainLabels.sha256);
    assertMatch(line, /SHA-256 [0-9a-f]{64} where/);
    assert(!line.includes("moved"), line);

    const whole = await gzip(crypto.getRandomValues(new Uint8Array(5000)));
    await Deno.writeFile(`${labels}.gz`, whole.subarray(0, 4000));
    await fails(
      ["train", "--backend", "wasm", "--data-dir", dir, "--out", `${dir}/run`],
      "its gzip stream ends early or is damaged",
    );
    const left = await Array.fromAsync(Deno.readDir(dir), ({ name }) => name);
    assertEquals(left.sort(), [files.trainLabels.name, `${files.trainLabels.name}.gz`]);
    assertEquals((await Deno.readFile(labels)).length, 11);
    assertEquals((await Deno.readFile(`${labels}.gz`)).length, 4000);
  }));

Deno.test("evaluate names every tensor that doesn't fit, and files that are not safetensors", () =>
  withFolder(async (dir) => {
    const write = async (name: string, tensors: Record<string, StoredTensor>) => {
      const file = new Blob(encodeSafetensors(tensors));
      await Deno.writeFile(`${dir}/${name}`, new Uint8Array(await file.arrayBuffer()));
    };
    const evaluate = (name: string, message: string) =>
      fails(["evaluate", "--backend", "wasm", "--checkpoint", `${dir}/${name}`], message);
    await evaluate("absent", `Cannot read ${dir}/absent as there is no such file`);
    await Deno.writeTextFile(`${dir}/text`, "these are no tensors at all");
    await evaluate("text", `Cannot read ${dir}/text as it is not a safetensors file`);
    await evaluate("", `Cannot take parameters from ${dir}/ as the folder holds no run`);
    await write("other", {
      "conv.0.weight": { shape: [96, 1, 3, 3], data: new Float32Array(96 * 9) },
      "head.weight": { shape: [1], data: new Float32Array(1) },
    });
    const line = await evaluate(
      "other",
      "conv.0.weight (96 x 1 x 3 x 3 instead of 96 x 1 x 11 x 11)",
    );
    assertStringIncludes(line, "missing conv.0.bias, conv.3.weight");
    assertStringIncludes(line, "fc.6.bias");
    assertStringIncludes(line, "not of this model head.weight");
    await fails(["train", "--backend", "wasm", "--resume", dir], "it has no config.json");
    await fails(
      ["train", "--backend", "wasm", "--weights", `${dir}/other`, "--out", `${dir}/run`],
      "none of the tensors fits the model",
    );
    assertEquals(await Deno.stat(`${dir}/run`).catch(() => "absent"), "absent");
  }));

Deno.test("a folder or file that cannot be written to is found out before the training", async () => {
  const small = ["train", "--backend", "wasm", "--images", "4"];
  const file = `${root}deno.json`;
  await fails(
    [...small, "--out", `${file}/run`],
    `Cannot use --out ${file}/run as ${file} is not a folder`,
    { code: 2 },
  );
  await fails(
    [...small, "--log", `${file}/log`],
    `Cannot write the log ${file}/log as there is no such folder`,
  );
});

Deno.test("a place that cannot be written to is found out before the work", () =>
  withFolder(async (dir) => {
    const evaluate = ["evaluate", "--backend", "wasm", "--checkpoint", "absent", "--save-logits"];
    const logits = `${dir}/absent/logits.npy`;
    await fails([...evaluate, logits], `Cannot write ${logits} as there is no such folder`);
    await fails([...evaluate, dir], `Cannot write ${dir} as it is a folder`);
    // Such as the checkpoint itself, which would be lost.
    await Deno.writeTextFile(`${dir}/run.safetensors`, "parameters");
    await fails(
      [...evaluate, `${dir}/run.safetensors`],
      `Cannot write ${dir}/run.safetensors as it would overwrite a file that is not a NumPy array`,
    );
    assertEquals(await Deno.readTextFile(`${dir}/run.safetensors`), "parameters");
    if (Deno.build.os !== "windows") {
      await fails([...evaluate, "/dev/null"], "Cannot write /dev/null as it is a device or pipe");
    }
    await fails(["fuzz", "--out", `${dir}/absent`], "as there is no such folder");
    const file = `${dir}/run.safetensors`;
    await fails(["train", "--out", file], `Cannot use --out ${file} as it is not a folder`, {
      code: 2,
    });
    await fails(
      ["fuzz", "--input", `${dir}/absent`],
      `Cannot read ${dir}/absent as there is no such file`,
    );
    await fails(["fuzz", "--input", dir], `Cannot read ${dir} as it is a folder, not a file`);
    if (Deno.build.os !== "windows") {
      await fails(
        ["fuzz", "--input", "/dev/zero"],
        "Cannot read /dev/zero as it is a device or pipe",
      );
    }
  }));

Deno.test("a relative path means the folder in which the person stands", () =>
  withFolder(async (dir) => {
    const png = `${root}tasks/_fuzz/corpus/png/one_pixel.png`;
    await Deno.copyFile(png, `${dir}/one pixel.png`);
    const fuzz = ["fuzz", "--decoder", "png", "--input", "one pixel.png"];
    const { code, stdout, stderr } = await runTask(fuzz, { cwd: dir });
    assertEquals([code, stdout], [0, "png: read\n"], stderr);
    // From below deno.json, in which deno task finds it by itself.
    const { INIT_CWD: _, ...env } = Deno.env.toObject();
    const below = await new Deno.Command(Deno.execPath(), {
      args: ["task", "--quiet", "fuzz", "--decoder", "png", "--input", "corpus/png/one_pixel.png"],
      cwd: `${root}tasks/_fuzz`,
      clearEnv: true,
      env,
    }).output();
    assertEquals(new TextDecoder().decode(below.stdout), "png: read\n");

    await Deno.writeTextFile(`${dir}/a file`, "");
    const wasm = ["--backend", "wasm"];
    const options = { cwd: dir };
    await fails(
      ["data", "--data-dir", "a file"],
      'Cannot use "a file" as the data folder',
      options,
    );
    await fails(
      ["data"],
      'Cannot use "a file", which RILL_DATA_DIR names, as the data folder as it is not a folder',
      { ...options, env: { RILL_DATA_DIR: "a file" } },
    );
    await fails(
      ["evaluate", ...wasm, "--checkpoint", "a file"],
      "Cannot read a file as ",
      options,
    );
    await fails(["train", ...wasm, "--weights", "a file"], "Cannot read a file as ", options);
    await fails(
      ["train", ...wasm, "--out", "a file/run"],
      "Cannot use --out a file/run as ",
      { ...options, code: 2 },
    );
    await fails(["bench", "train", "--against", "a file"], "Cannot compare with a file", options);
    // Whoever starts the program without deno task stands where it runs, and may not read the variable.
    const allow = ["run", "--no-prompt", "--allow-read", "--allow-write"];
    const direct = await new Deno.Command(Deno.execPath(), {
      args: [...allow, `--allow-run=${Deno.execPath()}`, `${root}tasks/fuzz.ts`, ...fuzz.slice(1)],
      cwd: dir,
      env: { NO_COLOR: "1", INIT_CWD: root },
    }).output();
    assertEquals(new TextDecoder().decode(direct.stdout), "png: read\n");
  }));

Deno.test("a device without the memory for a step says what to reduce", () =>
  withFolder(async (dir) => {
    // Its output alone takes 3.2 MB an image, and WASM has 4 GB.
    await Deno.writeTextFile(
      `${dir}/net.ts`,
      `import * as models from "@rill/rill/models";
      export default ({ classes }) => models.sequential([
        models.conv2d({ filters: 1024, kernelSize: 3, padding: 1 }),
        models.globalAvgPool2d(),
        models.linear(classes),
      ]);`,
    );
    await fails(
      ["train", "--backend", "wasm", "--model", `${dir}/net.ts`, "--side", "28"]
        .concat("--batch-size", "1400", "--images", "1400", "--test-images", "8")
        .concat("--threads", "1", "--out", `${dir}/run`),
      "out of memory: reduce --batch-size or --side",
    );
    assertEquals(await Array.fromAsync(Deno.readDir(dir), ({ name }) => name), ["net.ts"]);
  }));

// Asked for another system's API, Deno finds no adapter, whatever the machine has.
Deno.test("--backend webgpu without an adapter is refused", async () => {
  const env = { DENO_WEBGPU_BACKEND: Deno.build.os === "darwin" ? "dx12" : "metal" };
  await fails(
    ["train", "--backend", "webgpu", "--steps", "1"],
    "Cannot use --backend webgpu as no WebGPU adapter was found",
    { env },
  );
  const { code, stdout } = await runTask(["devices"], { env });
  assertEquals(code, 0);
  assertStringIncludes(stdout, "webgpu: no adapter");
  assertStringIncludes(stdout, "auto: wasm");
});
