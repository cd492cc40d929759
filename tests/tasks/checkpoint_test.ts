import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import {
  alexnet,
  build,
  CheckpointError,
  type Either,
  encodeSafetensors,
  googlenet,
  type StoredTensor,
} from "@rill/rill/models";
import {
  countNotFinite,
  describeLeftOver,
  formatNotFinite,
  loadParams,
  readCheckpoint,
} from "../../tasks/_model/checkpoint.ts";
import { findParamsFile, findRunFolder } from "../../tasks/_model/run_files.ts";
import { readRun } from "../../tasks/_train/read_run.ts";
import { testUnless } from "../_test_unless.ts";
import { getError, getOrThrow } from "../models/_helpers.ts";
import { withFolder } from "./_task.ts";
import references from "../models/references/pth.json" with { type: "json" };

const zeros = (...shape: number[]): StoredTensor => ({
  shape,
  data: new Float32Array(shape.reduce((a, b) => a * b, 1)),
});

async function write(
  path: string,
  tensors: Record<string, StoredTensor>,
  metadata: Record<string, string> = {},
): Promise<void> {
  await Deno.writeFile(path, await new Blob(encodeSafetensors(tensors, metadata)).bytes());
}

/** Gives the message of a result that must be an error of a checkpoint. */
async function failure<T>(task: () => Promise<Either<Error, T>>): Promise<string> {
  const error = getError(await task());
  assert(error instanceof CheckpointError, String(error));
  return error.message;
}

Deno.test("readCheckpoint() reads a file that is right, whatever its header's length", () =>
  withFolder(async (dir) => {
    for (const count of [0, 1, 200]) {
      const names = Array.from({ length: count }, (_, i) => `tensor.${i}`);
      const tensors = Object.fromEntries(names.map((name, i) => [name, zeros(i % 3, 2)]));
      await write(`${dir}/file`, tensors, { format: "pt" });
      assertEquals(getOrThrow(await readCheckpoint(`${dir}/file`)()), {
        tensors,
        metadata: { format: "pt" },
      });
    }
  }));

Deno.test("readCheckpoint() reads a file of PyTorch's, whatever its name", () =>
  withFolder(async (dir) => {
    const corpus = new URL("../../tasks/_fuzz/corpus/pth/", import.meta.url);
    await Deno.copyFile(new URL("a_checkpoint.pth", corpus), `${dir}/file`);
    const { tensors, metadata } = getOrThrow(await readCheckpoint(`${dir}/file`)());
    assertEquals([tensors["0.weight"]?.shape, metadata.epoch], [[3, 2, 2, 2], "3"]);
    const [old] = references.filter(({ name }) => name === "before 1.6, protocol 2");
    await Deno.writeFile(`${dir}/old`, Uint8Array.fromBase64(old!.file));
    const { tensors: olds } = getOrThrow(await readCheckpoint(`${dir}/old`)());
    assertEquals(olds["0.weight"]?.shape, [3, 2, 2, 2]);
    const bytes = await Deno.readFile(`${dir}/file`);
    await Deno.writeFile(`${dir}/cut`, bytes.subarray(0, -1));
    const message = await failure(readCheckpoint(`${dir}/cut`));
    assert(message.startsWith(`Cannot read ${dir}/cut as its zip archive is damaged: `), message);
  }));

testUnless(
  Deno.build.os === "windows" && "no pipes in folders on Windows",
  "readCheckpoint() refuses what is no file without opening it",
  () =>
    withFolder(async (dir) => {
      // Opened, the first never ends.
      for (const device of ["/dev/zero", "/dev/null"]) {
        assertEquals(
          await failure(readCheckpoint(device)),
          `Cannot read ${device} as it is a device or pipe, not a file`,
        );
      }
      // Nor does this one, as nobody writes to it.
      const { success } = await new Deno.Command("mkfifo", { args: [`${dir}/pipe`] }).output();
      assert(success);
      assertStringIncludes(await failure(readCheckpoint(`${dir}/pipe`)), "device or pipe");
      await Deno.symlink("/dev/zero", `${dir}/link`);
      assertStringIncludes(await failure(readCheckpoint(`${dir}/link`)), "device or pipe");
      assertEquals(
        await failure(readCheckpoint(dir)),
        `Cannot read ${dir} as it is a folder, not a file`,
      );
    }),
);

Deno.test("readCheckpoint() reads no more of a wrong file than shows that it is wrong", () =>
  withFolder(async (dir) => {
    const path = `${dir}/file`;
    const size = 5e9;
    const header = (length: number, text: string) => {
      const bytes = new Uint8Array(8 + text.length);
      new DataView(bytes.buffer).setUint32(0, length, true);
      bytes.set(new TextEncoder().encode(text), 8);
      return bytes;
    };
    const cases: [beginning: Uint8Array, found: string][] = [
      [new Uint8Array(), "it is not a safetensors file: its header has no bytes"],
      [header(2, "{}"), "4999999990 bytes at the end of the file belong to no tensor"],
      [
        new TextEncoder().encode("a text, not a checkpoint"),
        "it is not a safetensors file: it begins with neither a header's length nor a header",
      ],
      [header(99_999_999, "{"), "the header is not JSON: "],
    ];
    for (const [beginning, found] of cases) {
      await Deno.writeFile(path, beginning);
      // A hole: it takes no space on the disk.
      await Deno.truncate(path, size);
      const before = Deno.memoryUsage().external;
      const message = await failure(readCheckpoint(path));
      assert(message.startsWith(`Cannot read ${path} as ${found}`), message);
      assert(Deno.memoryUsage().external - before < 1e9);
    }
  }));

Deno.test("readCheckpoint() says what it can't read", () =>
  withFolder(async (dir) => {
    const read = (name: string) => failure(readCheckpoint(`${dir}/${name}`));
    assertEquals(await read("absent"), `Cannot read ${dir}/absent as there is no such file`);
    await Deno.writeTextFile(`${dir}/empty`, "");
    assertEquals(
      await read("empty"),
      `Cannot read ${dir}/empty as the file ends after 0 of 8 bytes`,
    );
    await write(`${dir}/whole`, { weight: zeros(5) });
    const whole = await Deno.readFile(`${dir}/whole`);
    for (const length of [7, 8, 63, 64, 65, whole.length - 1]) {
      await Deno.writeFile(`${dir}/cut`, whole.subarray(0, length));
      assertMatch(await read("cut"), new RegExp(`as the file ends after ${length} of \\d+ bytes$`));
    }
  }));

Deno.test("findParamsFile() takes a run's best, and says what to name where there is none", () =>
  withFolder(async (dir) => {
    assertEquals(
      await failure(findParamsFile(dir)),
      `Cannot take parameters from ${dir} as the folder holds no run: it has no best.safetensors`,
    );
    await write(`${dir}/last.safetensors`, {});
    assertStringIncludes(await failure(findParamsFile(dir)), `name ${dir}/last.safetensors`);
    await write(`${dir}/best.safetensors`, {});
    for (const [given, path] of [[dir, `${dir}/best.safetensors`], [`${dir}/`]]) {
      assertEquals(getOrThrow(await findParamsFile(given!)()), {
        path: path ?? `${dir}/best.safetensors`,
        warnings: [],
      });
    }
    for (const path of [`${dir}/last.safetensors`, `${dir}/absent`]) {
      assertEquals(getOrThrow(await findParamsFile(path)()), { path, warnings: [] });
    }
  }));

Deno.test("findRunFolder() takes the folder of a run's last file", () => {
  const cases = {
    "runs/a/last.safetensors": "runs/a",
    "runs/a//last.safetensors": "runs/a",
    "runs\\a\\last.safetensors": "runs\\a",
    "last.safetensors": ".",
    "./last.safetensors": ".",
    "/last.safetensors": "/",
    "runs/a": "runs/a",
    "runs/a/": "runs/a/",
    "runs/a/best.safetensors": "runs/a/best.safetensors",
    "runs/not-last.safetensors": "runs/not-last.safetensors",
  };
  for (const [path, folder] of Object.entries(cases)) assertEquals(findRunFolder(path), folder);
});

Deno.test("readRun() says what a folder lacks", () =>
  withFolder(async (dir) => {
    const last = `${dir}/last.safetensors`;
    const fails = async (found: string, path = dir) => {
      const message = await failure(readRun(path));
      assert(message.startsWith(`Cannot go on from ${found}`), message);
    };
    await fails(`${dir}/absent as there is no such folder`, `${dir}/absent`);
    await fails(`${dir} as the folder holds no run: it has no config.json`);
    await write(`${dir}/best.safetensors`, {});
    await fails(
      `${dir}/best.safetensors as it is not a run's folder: name that, or with --weights a file`,
      `${dir}/best.safetensors`,
    );
    await write(last, {});
    await fails(`${last} as it holds no run, only parameters`);
    for (const text of ["{", "null", "1", "{}", '{"model":{},"settings":{},"progress":{}}']) {
      await write(last, {}, { rill: text });
      await fails(`${last} as its metadata `);
    }
  }));

Deno.test("readRun() refuses a run with values that are not finite", () =>
  withFolder(async (dir) => {
    const weight = zeros(2, 2);
    const running = zeros(2, 2);
    const save = async () => {
      const run = {
        model: {},
        settings: {},
        progress: {
          ...{ epoch: 0, index: 3, step: 3, bestAccuracy: null, seconds: 1 },
          sums: { batchLosses: 1, losses: 1, correct: 1, images: 3, seconds: 1 },
        },
        optimizerFile: "optimizer-3.safetensors",
      };
      await write(`${dir}/last.safetensors`, { weight }, { rill: JSON.stringify(run) });
      await write(`${dir}/optimizer-3.safetensors`, { "m/weight": running });
    };
    await save();
    assertEquals(getOrThrow(await readRun(dir)()).saved?.params, { weight });
    weight.data.set([NaN, Infinity]);
    await save();
    assertEquals(
      await failure(readRun(dir)),
      `Cannot train on from ${dir}/last.safetensors as it holds values that are NaN or infinite: ` +
        "2 of 4 in weight; start from an earlier checkpoint with --weights",
    );
    weight.data.fill(0);
    running.data[3] = -Infinity;
    await save();
    assertStringIncludes(await failure(readRun(dir)), "1 of 4 in m/weight");
  }));

Deno.test("countNotFinite() counts, formatNotFinite() names the worst first", () => {
  const tensors = {
    whole: { shape: [3], data: Float32Array.of(1, -0, 3e38) },
    one: { shape: [3], data: Float32Array.of(1, NaN, 3) },
    all: { shape: [2], data: Float32Array.of(Infinity, -Infinity) },
  };
  const counts = countNotFinite(tensors);
  assertEquals(counts, { one: 1, all: 2 });
  assertEquals(formatNotFinite(counts, tensors), "2 of 2 in all, 1 of 3 in one");
  const nan = { shape: [1], data: Float32Array.of(NaN) };
  const many = Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`w${i}`, nan]));
  assertMatch(
    formatNotFinite(countNotFinite(many), many),
    /^1 of 1 in w0, .*, 1 of 1 in w7 and some in 4 more tensors$/,
  );
  const { w9: _9, w10: _10, w11: _11, ...nine } = many;
  assertMatch(formatNotFinite(countNotFinite(nine), nine), / and some in 1 more tensor$/);
});

Deno.test("loadParams() names the file that was meant where the one given is an optimizer's", () =>
  withFolder(async (dir) => {
    const network = getOrThrow(build(alexnet({ classes: 10, channels: 1 }), [224, 224, 1]));
    const path = `${dir}/optimizer-12.safetensors`;
    // Only the names count: none of them is the network's.
    const slots = ["m", "v"].flatMap((slot) =>
      network.parameters.map(({ name }): [string, StoredTensor] => [`${slot}/${name}`, zeros(1)])
    );
    const adam = { ...Object.fromEntries(slots), loss_scaling: zeros(4) };
    const found = `Cannot take parameters from ${path} as it holds an optimizer's state`;
    for (const state of [adam, { loss_scaling: zeros(4) }, {}]) {
      assertEquals(await failure(loadParams(network, state, path)), found);
    }
    await write(`${dir}/last.safetensors`, {});
    assertEquals(
      await failure(loadParams(network, adam, path)),
      `${found}: the parameters are in ${dir}/last.safetensors`,
    );
    await write(`${dir}/best.safetensors`, {});
    assertEquals(
      await failure(loadParams(network, adam, path)),
      `${found}: the parameters are in ${dir}/best.safetensors`,
    );
    // Of a generation its own parameters are meant, not the best.
    const own = `${dir}/step-4.optimizer.safetensors`;
    for (const name of ["best", "step-4"]) {
      await write(`${dir}/${name}.safetensors`, {});
      assertEquals(
        await failure(loadParams(network, adam, own)),
        `Cannot take parameters from ${own} as it holds an optimizer's state: ` +
          `the parameters are in ${dir}/${name}.safetensors`,
      );
    }
    // Another's file is another matter: what doesn't fit is named, as much of it as can be read.
    const other = Object.fromEntries(slots.map(([name, tensor]) => [`x.${name}`, tensor]));
    const message = await failure(loadParams(network, other, `${dir}/other.safetensors`));
    assertStringIncludes(message, "as the tensors don't fit the model: missing conv.0.weight, ");
    assertMatch(message, /not of this model x\.m\/conv\.0\.weight, .* and 16 more$/);
    assertStringIncludes(await failure(loadParams(network, {}, `${dir}/other`)), "missing conv.0");
  }));

Deno.test("describeLeftOver() names what of a file a network does without", () => {
  const network = getOrThrow(build(googlenet({ classes: 2 }), [32, 32, 3]));
  const own = { "conv1.bn.bias": zeros(64) };
  const auxiliary = Object.fromEntries(
    Array.from({ length: 7 }, (_, i) => [`aux1.${i}.bias`, zeros(1)]),
  );
  assertEquals(describeLeftOver(network, own), []);
  assertEquals(describeLeftOver(network, { ...auxiliary, ...own }), [
    "weights: left over: aux1.0.bias, aux1.1.bias, aux1.2.bias, aux1.3.bias, aux1.4.bias, aux1.5.bias and 1 more",
  ]);
  // What is another's isn't left over but wrong.
  assertEquals(describeLeftOver(network, { "other.bias": zeros(1) }), []);
});
