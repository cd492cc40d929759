// Classifies the pictures that are beside it by the checkpoints that are, too, and hands over the logits: the same program in every place,
// on the backend that the first argument names, or in a page the address.
import { pipe } from "fp-ts/lib/function.js";
import * as models from "@rill/rill/models";
import { batch, collect, normalize, resize } from "@rill/rill/pipelines";
import { decodeImage } from "@rill/rill/pipelines/decode-image";
import { CASES, type Logits, PICTURES } from "./equal_cases.ts";

const { process } = globalThis as { readonly process?: { readonly argv: readonly string[] } };
const isPage = "location" in globalThis && !("Deno" in globalThis);
const name = isPage ? new URL(import.meta.url).searchParams.get("backend") : process?.argv[2];

/** Reads a file beside the program. */
async function read(file: string): Promise<Uint8Array<ArrayBuffer>> {
  const url = new URL(file, import.meta.url);
  if (isPage) return new Uint8Array(await (await fetch(url)).arrayBuffer());
  const { readFile } = await import("node:fs/promises");
  return new Uint8Array(await readFile(url));
}

async function* readPictures() {
  for (const path of PICTURES) yield { bytes: await read(path), label: 0, path };
}

/** Computes the logits of all pictures by each checkpoint. */
async function classifyPictures(): Promise<Logits> {
  if (name !== "wasm" && name !== "webgpu") throw new Error(`There is no backend ${name}`);
  const backend = await models.openBackend(name);
  const logits: Record<string, readonly number[]> = {};
  for (const { file, model, side, channels, mean, std } of CASES) {
    const network = models.getOrThrow(models.build(model(), [side, side, channels]));
    const { tensors } = models.getOrThrow(models.decodeSafetensors(await read(file)));
    const variables = models.getOrThrow(models.importParams(network, tensors));
    const [images] = await collect(
      pipe(
        readPictures(),
        decodeImage({ channels }),
        resize({ height: side, width: side }),
        normalize({ mean, std }),
        batch(PICTURES.length),
      ),
    );
    const { data } = await models.predictStep(network)(variables, images!);
    logits[file] = [...data];
  }
  const { description } = backend;
  await backend.close();
  return { description, logits };
}

const json = JSON.stringify(await classifyPictures());
if (isPage) await fetch("/results", { method: "POST", body: json });
else console.log(json);
