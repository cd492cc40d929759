import { fromBinary } from "@bufbuild/protobuf";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { ModelProtoSchema } from "../../models/onnx/_onnx_pb.ts";
import { adam, build, getOrThrow, linear } from "../../models/mod.ts";
import { openRunFolder } from "../../tasks/_train/run_folder.ts";
import { runExport } from "../../tasks/_export/run_export.ts";
import { runOnnx } from "../models/onnx/_onnxruntime.ts";
import { writeCheckpoint } from "./_checkpoints.ts";
import { checkpointAt, createConfig } from "./_run_folder.ts";
import { runTask, withFolder } from "./_task.ts";

const classNames = [..."abcdefghij"];

Deno.test("export writes an ONNX file that says how it is used, and a program for PyTorch", async () => {
  await withFolder(async (dir) => {
    const checkpoint = `${dir}/lenet.safetensors`;
    await writeCheckpoint(checkpoint, { classNames, model: { resize: "crop", views: "flip" } });
    const args = ["--checkpoint", checkpoint, "--onnx", `${dir}/lenet.onnx`, "--pytorch"];
    const { code, stdout, stderr } = await runTask(["export", ...args]);
    assertEquals(code, 0, stderr);
    assertStringIncludes(
      stderr,
      `saved to ${dir}/lenet.onnx, 0.2 MB, for input batch x 1 x 28 x 28`,
    );

    const bytes = await Deno.readFile(`${dir}/lenet.onnx`);
    const { docString, metadataProps } = fromBinary(ModelProtoSchema, bytes);
    assertEquals(docString, "LeNet, which tells 10 classes apart");
    const said = Object.fromEntries(metadataProps.map(({ key, value }) => [key, value]));
    assertEquals(JSON.parse(said.classes!), classNames);
    assertEquals(JSON.parse(said.preprocessing!), {
      side: 28,
      channels: "gray",
      resize: "crop",
      shorterSide: 32,
      orientation: "apply",
      filter: "bilinear",
      scale: "1/255",
      mean: 0.5,
      std: 0.25,
      layout: "NCHW",
    });
    assertStringIncludes(said.output!, "several views");
    // They are logarithms of probabilities.
    const image = {
      shape: [1, 1, 28, 28],
      data: Float32Array.from({ length: 784 }, (_, i) => Math.sin(i)),
    };
    const [output] = await runOnnx(bytes, [image]);
    const sum = output!.data.reduce((sum, x) => sum + Math.exp(x), 0);
    assert(Math.abs(sum - 1) < 1e-5, `${sum}`);

    assertStringIncludes(stdout, 'self.add("net.11", nn.Linear(84, 10, bias=True))');
    assertStringIncludes(stdout, `load_state_dict(load(os.path.join(here, "${checkpoint}")))`);
    assertStringIncludes(stdout, "# Needs numpy and torch.\n");
    assertStringIncludes(stdout, "views = [images, images.flip(3)]");
  });
});

Deno.test("export refuses in a line what it can't hand on, and leaves files alone", async () => {
  await withFolder(async (dir) => {
    const checkpoint = `${dir}/lenet.safetensors`;
    await writeCheckpoint(checkpoint, { classNames });
    const other = `${dir}/other.safetensors`;
    await writeCheckpoint(other, { classNames, model: { name: "resnet8" } });
    const own = `${dir}/own.ts`;
    const models = new URL("../../models/mod.ts", import.meta.url).href;
    await Deno.writeTextFile(
      own,
      `import { lambda, lenet, sequential } from "${models}";
      export default ({ classes }) => sequential({ "": lenet({ classes }), own: lambda((x) => x) });\n`,
    );
    const foreign = `${dir}/foreign.safetensors`;
    await writeCheckpoint(foreign, { isForeign: true });
    await Deno.writeTextFile(`${dir}/notes.txt`, "mine");
    const onnx = `${dir}/lenet.onnx`;
    const refusalOf = async (flags: Parameters<typeof runExport>[0]) => {
      const result = await runExport(flags)();
      assert(result._tag === "Left");
      assert(!result.left.message.includes("\n"));
      return result.left.message.replaceAll(dir, "DIR");
    };
    assertEquals(
      await refusalOf({ checkpoint }),
      "Cannot export without --onnx FILE, --pytorch or --card RUN: name what is wanted",
    );
    assertEquals(
      await refusalOf({ checkpoint, onnx: `${dir}/notes.txt` }),
      "Cannot write DIR/notes.txt as it would overwrite a file that is not an ONNX file of Rill's",
    );
    assertEquals(
      await refusalOf({ checkpoint, onnx: `${dir}/none/lenet.onnx` }),
      "Cannot write DIR/none/lenet.onnx as there is no such folder",
    );
    for (const given of [{ checkpoint }, { side: 28 }]) {
      assertEquals(
        await refusalOf({ card: dir, ...given }),
        `Cannot use --${Object.keys(given)[0]} without --onnx FILE or --pytorch: ` +
          "--card RUN tells of the run in that folder",
      );
    }
    assertStringIncludes(
      await refusalOf({ checkpoint, onnx: `${dir}/${"n".repeat(300)}.onnx` }),
      ".onnx as the system refuses: File name too long",
    );
    assertEquals(
      await refusalOf({ checkpoint: `${dir}/none`, onnx }),
      "Cannot read DIR/none as there is no such file",
    );
    assertStringIncludes(
      await refusalOf({ checkpoint: other, onnx }),
      "DIR/other.safetensors: Cannot load the parameters as the tensors don't fit the model",
    );
    for (const wanted of [{ onnx }, { pytorch: true }]) {
      const given = { checkpoint: foreign, model: own, side: 28, channels: 1 } as const;
      assertStringIncludes(await refusalOf({ ...given, ...wanted }), "layer own, Lambda(),");
    }
    await Deno.copyFile(checkpoint, `${dir}/lenet.pth`);
    assertEquals(
      await refusalOf({ checkpoint: `${dir}/lenet.pth`, pytorch: true, onnx }),
      "Cannot use --pytorch with DIR/lenet.pth as torch.load reads it: it is PyTorch's own",
    );
    // Damaged, in its header and behind it, or cut off: what is there stays.
    const bytes = await Deno.readFile(checkpoint);
    await Deno.writeTextFile(`${dir}/old`, "\b\b\x12\x04rill");
    const damaged = [bytes.with(300, 0xff), bytes.subarray(0, 100), bytes.subarray(0, -1)];
    for (const [i, bytes] of damaged.entries()) {
      const path = `${dir}/damaged-${i}.safetensors`;
      await Deno.writeFile(path, bytes);
      assertStringIncludes(
        await refusalOf({ checkpoint: path, onnx: `${dir}/old`, pytorch: true }),
        `Cannot read DIR/damaged-${i}.safetensors as `,
      );
    }
    assertEquals(await Deno.readTextFile(`${dir}/old`), "\b\b\x12\x04rill");
    assertEquals(await Deno.readTextFile(`${dir}/notes.txt`), "mine");
    const names = await Array.fromAsync(Deno.readDir(dir), ({ name }) => name);
    assertEquals(names.filter((name) => /onnx|tmp/.test(name)), []);
  });
});

Deno.test("export writes a page on a run, and leaves one alone that somebody has changed", async () => {
  await withFolder(async (dir) => {
    const network = getOrThrow(build(linear(2), [3]));
    const folder = await openRunFolder(dir, network, adam({ learningRate: 1 }), createConfig());
    try {
      await folder.save(checkpointAt(4, { best: true }));
    } finally {
      await folder.close();
    }
    await Deno.writeTextFile(
      `${dir}/log.jsonl`,
      '{"event":"test","accuracy":0.75,"loss":0.5,"images":1200}\n',
    );
    const path = `${dir}/README.md`;
    const write = async (license?: string) => {
      const result = await runExport({ card: dir, ...license !== undefined && { license } })();
      if (result._tag === "Left") return result.left.message.replaceAll(dir, "DIR");
      return await Deno.readTextFile(path);
    };
    const first = await write();
    assertStringIncludes(first, "license: unknown\nlibrary_name: rill\n");
    assertStringIncludes(first, "Tells 2 classes apart: a, b.");
    assertStringIncludes(first, "Accuracy 0.7500 and loss 0.5000 on 1,200 test images");
    assertStringIncludes(first, "| 1 | 1.0000 | 0.4000 | 1.0000 | 0.4000 |");
    assertStringIncludes(first, "/cli export --checkpoint . --onnx model.onnx");
    assertEquals(await write(), first);

    const licensed = await write("MIT");
    assertStringIncludes(licensed, "license: MIT\n");
    assertEquals(await write(), licensed);

    const refused =
      "Cannot write DIR/README.md as somebody has written or changed the page that is there: " +
      "move it away";
    for (const text of [licensed.replace("0.7500", "0.9900"), "# Mine\n"]) {
      await Deno.writeTextFile(path, text);
      assertEquals(await write(), refused);
      assertEquals(await Deno.readTextFile(path), text);
    }
    await Deno.remove(path);
    const config = await Deno.readTextFile(`${dir}/config.json`);
    const { model, settings, data } = JSON.parse(config);
    const damaged: [unknown, string][] = [
      [{ version: 99, model, settings }, "its config.json is of version 99: this reads up to 3"],
      [{ settings }, "its config.json is damaged: it describes no model"],
      [{ model, data }, "its config.json is damaged: it has no object of settings"],
      [
        { model, settings: { ...settings, epochs: {} } },
        "its config.json is damaged: the setting epochs is an object",
      ],
      [
        { model, settings, data: { images: "many" } },
        'its config.json is damaged: the number of its images is "many"',
      ],
    ];
    for (const [value, found] of damaged) {
      await Deno.writeTextFile(`${dir}/config.json`, JSON.stringify(value));
      assertEquals(await write(), `Cannot write a page on DIR as ${found}`);
    }
    const unfinished = { model, settings: { ...settings, epochs: 3 } };
    await Deno.writeTextFile(`${dir}/config.json`, JSON.stringify(unfinished));
    assertStringIncludes(await write(), "choice.\n\n1 of 3 epochs have ended.\n\n| epoch |");
    const refusalOf = async (card: string) => {
      const result = await runExport({ card })();
      assert(result._tag === "Left");
      return result.left.message.replaceAll(dir, "DIR");
    };
    assertStringIncludes(
      await refusalOf(`${dir}/none`),
      "the folder holds no run: it has no config.json",
    );
    assertEquals(
      await refusalOf(`${dir}/log.jsonl`),
      "Cannot write a page on DIR/log.jsonl as it is a file: name the folder of the run",
    );
    // A run that was killed in its first epoch has its configuration, and maybe no more.
    await Deno.mkdir(`${dir}/killed`);
    await Deno.writeTextFile(`${dir}/killed/config.json`, config);
    assertEquals((await runExport({ card: `${dir}/killed` })())._tag, "Right");
    const killed = await Deno.readTextFile(`${dir}/killed/README.md`);
    assertStringIncludes(killed, "## Scores\n\nNo epoch has ended yet.\n\n## Use\n");
  });
});
