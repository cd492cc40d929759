import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { encodePng } from "../../pipelines/codecs/encode_png.ts";
import { namesIn as names, readNewest, readTensors } from "./_run_folder.ts";
import { picture, writeFiles } from "./_pictures.ts";
import { runTask, withFolder } from "./_task.ts";

const SIDE = 28;

/** A folder of pictures of two classes, of which the second is brighter. */
async function writePhotos(dir: string, classes = ["dark", "light"], count = 12): Promise<void> {
  for (const [label, name] of classes.entries()) {
    for (let n = 0; n < count; n++) {
      const image = picture(n * classes.length + label, SIDE);
      const data = image.data.map((value) => (value >> 1) + label * 100);
      await writeFiles(dir, { [`${name}/${n}.png`]: await encodePng({ ...image, data }) });
    }
  }
}

const BASE = ["--backend", "wasm", "--threads", "1", "--workers", "0"];
const LENET = ["--model", "lenet", "--activation", "relu", "--epochs", "1", "--batch-size", "8"];

async function train(...args: string[]) {
  const result = await runTask(["train", ...BASE, ...args]);
  assertEquals([result.code, result.errors], [0, []], result.stderr);
  return result;
}

async function refuse(message: string, ...args: string[]) {
  const { code, errors, stderr } = await runTask(["train", ...BASE, ...args]);
  assertEquals([code !== 0, errors.length], [true, 1], stderr);
  assertStringIncludes(errors[0] ?? "", message);
}

const configOf = async (dir: string) => JSON.parse(await Deno.readTextFile(`${dir}/config.json`));

Deno.test("train takes a folder of pictures, and its config.json is the next run's", () =>
  withFolder(async (dir) => {
    await writePhotos(`${dir}/photos`);
    const data = ["--data", `folder:${dir}/photos`];
    const first = await train(...data, ...LENET, "--validation", "0.25", "--out", `${dir}/a`);
    assertMatch(
      first.stdout,
      /^epoch 1, loss \d\.\d{4}, train acc \d\.\d{3}, val acc \d\.\d{3}, time .* sec\n$/,
    );
    assertStringIncludes(first.stderr, "preset: pictures, for pictures of your own, with");
    const { settings, model, version } = await configOf(`${dir}/a`);
    assertEquals([version, model.classNames, model.channels], [3, ["dark", "light"], 1]);
    assertEquals([settings.images, settings.validation, model.resize], [18, 0.25, "crop"]);
    const again = await train("--config", `${dir}/a/config.json`, "--out", `${dir}/b`);
    assertEquals(again.stdout.replace(/time.*/, ""), first.stdout.replace(/time.*/, ""));
    assertEquals(await configOf(`${dir}/b`), await configOf(`${dir}/a`));
    const other = await train("--config", `${dir}/a`, "--seed", "1", "--out", `${dir}/c`);
    assertEquals((await configOf(`${dir}/c`)).settings, { ...settings, seed: 1 });
    assert(other.stdout !== first.stdout);

    await Deno.writeTextFile(`${dir}/bad.json`, '{"settings":{"learningrate":1}}');
    await refuse(
      'its key "learningrate" is not known (did you mean learningRate?)',
      "--config",
      `${dir}/bad.json`,
    );
    await Deno.writeTextFile(`${dir}/bad.json`, '{"settings":{"epochs":"many"}}');
    await refuse("epochs must be an integer of at least 1", "--config", `${dir}/bad.json`);

    for (
      const [text, message] of [
        ["{}", "it has no object of settings"],
        ['{"version":4,"settings":{}}', "it is of version 4: this reads up to 3"],
        ["[]", "it is not an object"],
      ] as const
    ) {
      await Deno.writeTextFile(`${dir}/bad.json`, text);
      await refuse(message, "--config", `${dir}/bad.json`);
    }

    // A run goes on with the same data only, wherever that lies.
    await Deno.rename(`${dir}/photos`, `${dir}/moved`);
    const moved = ["--resume", `${dir}/a`, "--epochs", "2", "--data", `folder:${dir}/moved`];
    const on = await runTask(["train", "--backend", "wasm", "--threads", "1", ...moved]);
    assertEquals([on.code, on.errors], [0, []], on.stderr);
    await Deno.remove(`${dir}/moved/dark/3.png`);
    await refuse(
      "moved has changed: the run was made with 18 training images and 0 test images, and there are fewer now",
      ...moved.with(3, "3"),
    );
  }));

Deno.test("train takes a network and stages of one's own, and asks for them again if they changed", () =>
  withFolder(async (dir) => {
    await writePhotos(`${dir}/photos`);
    const model = (extra: string) =>
      `import * as models from "@rill/rill/models";
      export default ({ classes, channels, side }) => {
        if (channels !== 1 || side !== 16) throw new Error("other images");
        return models.sequential([models.flatten(), ${extra} models.linear(classes)]);
      };`;
    const stages = `import { flow } from "fp-ts/lib/function.js";
      import { flipHorizontal, randomResizedCrop } from "@rill/rill/pipelines";
      export default ({ side }) =>
        flow(randomResizedCrop({ height: side, width: side }), flipHorizontal());`;
    await Deno.writeTextFile(`${dir}/net.ts`, model(""));
    await Deno.writeTextFile(`${dir}/stages.ts`, stages);
    const run = ["--data", `folder:${dir}/photos`, "--side", "16", "--epochs", "1"];
    const own = [...run, "--model", `${dir}/net.ts`, "--pipeline", `${dir}/stages.ts`];
    await train(...own, "--out", `${dir}/a`);
    const { model: saved, pipeline } = await configOf(`${dir}/a`);
    assertEquals([saved.name, saved.side], [`${dir}/net.ts`, 16]);
    assertMatch(saved.hash, /^[0-9a-f]{64}$/);
    assertEquals(pipeline.path, `${dir}/stages.ts`);
    // In threads and workers the same, to rounding.
    const two = await runTask(
      ["train", ...own, "--backend", "wasm", "--threads", "2", "--workers", "2"]
        .concat("--out", `${dir}/b`),
    );
    assertEquals([two.code, two.errors], [0, []], two.stderr);
    const [a, b] = [
      await readNewest(`${dir}/a`),
      await readNewest(`${dir}/b`),
    ];
    const [one, other] = [a.tensors["1.weight"]!.data, b.tensors["1.weight"]!.data];
    assert(one.every((value, i) => Math.abs(value - other[i]!) < 1e-5));

    await Deno.writeTextFile(`${dir}/net.ts`, model("models.identity(),"));
    const on = ["--resume", `${dir}/a`, "--epochs", "2"];
    await refuse("has changed since: name the file to use with --model", ...on);
    // Named anew it is meant, and refused only where its parameters have other names.
    const shaped = await runTask(["train", ...on, "--model", `${dir}/net.ts`]);
    // Before a backend or the data is opened.
    assertEquals([shaped.code, shaped.stdout, shaped.stderr], [
      2,
      "",
      `error: Cannot use --model ${dir}/net.ts with --resume ${dir}/a as it is another network than the run's: ` +
      "missing 2.weight, 2.bias; not of this model 1.weight, 1.bias\n",
    ]);
    await Deno.writeTextFile(`${dir}/net.ts`, `// Edited.\n${model("")}`);
    await train(...on, "--model", `${dir}/net.ts`);
    await refuse(
      "Cannot use --freeze convs* as no parameter has such a name: there are 1.weight, 1.bias",
      ...[...run, "--model", `${dir}/net.ts`, "--freeze", "convs*"],
    );
    const bad = async (text: string, message: string) => {
      await Deno.writeTextFile(`${dir}/bad.ts`, text);
      await refuse(message, ...run, "--model", `${dir}/bad.ts`, "--out", `${dir}/bad`);
      assertEquals((await names(dir)).includes("bad"), false, "nothing is left");
    };
    await bad("throw new Error('oh');", "bad.ts as it throws: oh");
    await bad("export default 3;", "that is a number");
    await bad("export default () => { throw new Error('no'); };", "bad.ts as it throws: no");
    await bad("export default () => 3;", "its function must return a layer: it gave a number");
    await bad(
      `import * as models from "@rill/rill/models"; export default () => models.flatten();`,
      "images of 16 x 16 x 1: it gives 256 numbers for an image, and 2 numbers are needed, one for each class: ",
    );
    await refuse("there is no such file", ...run, "--model", `${dir}/absent.ts`);
  }));

Deno.test("train takes weights with another head from a file or an address, and lists what it drew", () =>
  withFolder(async (dir) => {
    await writePhotos(`${dir}/three`, ["a", "b", "c"]);
    await writePhotos(`${dir}/two`);
    await train("--data", `folder:${dir}/three`, ...LENET, "--out", `${dir}/a`);
    const env = { XDG_CACHE_HOME: `${dir}/cache` };
    const tune = async (weights: string, ...more: string[]) => {
      const own = more.includes("--data") ? [] : ["--data", `folder:${dir}/two`];
      const args = ["train", ...BASE, ...own, "--epochs", "1", "--weights", weights, ...more];
      return await runTask(args, { env });
    };
    const tuned = await tune(
      `${dir}/a`,
      ...["--freeze", "net.0,net.3*", "--learning-rate", "0.01", "--out", `${dir}/b`],
    );
    assertEquals([tuned.code, tuned.errors], [0, []], tuned.stderr);
    assertStringIncludes(tuned.stderr, "preset: fine-tune, for weights that were learned");
    assertStringIncludes(tuned.stderr, "LeNet at 28 x 28");
    assertStringIncludes(tuned.stderr, `weights: kept 8 of 10 tensors of ${dir}/a`);
    assertStringIncludes(tuned.stderr, "drawn anew: net.11.weight, net.11.bias; left over: none");
    const before = await readTensors(`${dir}/a/best.safetensors`);
    const after = await readNewest(`${dir}/b`);
    assertEquals(after.tensors["net.3.weight"], before.tensors["net.3.weight"]);
    assert(
      after.tensors["net.7.weight"]!.data.some((value, i) =>
        value !== before.tensors["net.7.weight"]!.data[i]
      ),
    );

    let [asked, isPageFixed] = [0, true];
    await using server = Deno.serve(
      { port: 0, hostname: "127.0.0.1", onListen: () => {} },
      async ({ url }) => {
        if (url.endsWith("/page") && !(isPageFixed = !isPageFixed)) return new Response("<html>");
        asked++;
        return new Response(await Deno.readFile(`${dir}/a/best.safetensors`));
      },
    );
    const address = `http://127.0.0.1:${server.addr.port}/lenet.safetensors`;
    const bytes = await Deno.readFile(`${dir}/a/best.safetensors`);
    const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
    for (
      const [out, data, kept, drawn] of [
        ["c", "two", 8, "net.11.weight, net.11.bias"],
        ["d", "three", 10, "none"],
      ]
    ) {
      const fetched = await tune(
        address,
        ...["--sha256", sum.slice(0, 8), "--data", `folder:${dir}/${data}`],
        ...["--out", `${dir}/${out}`],
      );
      assertEquals([fetched.code, fetched.errors], [0, []], fetched.stderr);
      assertStringIncludes(fetched.stderr, sum);
      assertStringIncludes(fetched.stderr, "preset: fine-tune, for weights that were learned");
      assertStringIncludes(fetched.stderr, `weights: kept ${kept} of 10 tensors of ${address}\n`);
      assertStringIncludes(fetched.stderr, `weights: drawn anew: ${drawn}; left over: none\n`);
    }
    assertEquals(asked, 1, "it is kept");
    const wrong = await tune(address, "--sha256", "00000000", "--out", `${dir}/e`);
    assertEquals([wrong.code, wrong.errors.length], [1, 1]);
    assertStringIncludes(wrong.errors[0] ?? "", `as its SHA-256 is ${sum}, not 00000000`);
    assertStringIncludes(wrong.errors[0] ?? "", "once it is deleted it is downloaded anew");
    assertEquals((await names(dir)).includes("e"), false);

    const page = `http://127.0.0.1:${server.addr.port}/page`;
    const [none, found] = [await tune(page), await tune(page, "--out", `${dir}/f`)];
    assertEquals([none.code, none.errors.length], [1, 1], none.stderr);
    assertEquals([found.code, found.errors], [0, []], "what is no weights is not kept");
    const lost = await tune("http://", "--out", `${dir}/g`);
    assertEquals([lost.code, lost.errors], [2, [
      "error: Cannot download http://: it is no address",
    ]]);
  }));
