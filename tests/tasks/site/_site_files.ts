import { crc32 } from "node:zlib";
import {
  build,
  encodeCheckpoint,
  encodeSafetensors,
  exportParams,
  getOrThrow,
  lenet,
  openBackend,
  randomKey,
} from "@rill/rill/models";
import { encodePng } from "@rill/rill/pipelines";
import { RUN_VERSION } from "../../../tasks/_model/model_config.ts";
import { describeLenet, type PackedData } from "../../../tasks/_site/site_facts.ts";
import { IMAGES } from "../_idx_data.ts";

/** What a page is given of data that it isn't made for. */
export const FACTS: PackedData = {
  title: "Tones",
  classes: Array.from({ length: 10 }, (_, i) => `tone ${i}`),
  side: 28,
  channels: 1,
  mean: 0.4,
  std: 0.25,
  train: IMAGES,
  test: IMAGES,
  examples: 0,
  checksum: "0123456789abcdef",
};

type Bytes = Uint8Array<ArrayBuffer>;

const join = async (parts: Iterable<Bytes> | AsyncIterable<Bytes>): Promise<Bytes> =>
  await new Blob(await Array.fromAsync(parts)).bytes();

/** Makes the checkpoint of a LeNet that has learned nothing, and says of its model what is given. */
export async function encodeLenet(model: object = {}): Promise<Bytes> {
  await using _backend = await openBackend("wasm");
  const network = getOrThrow(build(lenet({ activation: "relu" }), [28, 28, 1]));
  const params = await exportParams(network, network.init(randomKey(5)));
  const rill = { version: RUN_VERSION, model: { ...describeLenet(FACTS), ...model } };
  const options = { contents: "params", metadata: { rill: JSON.stringify(rill) } } as const;
  return await join(encodeCheckpoint({ params }, options));
}

/** Makes the files that pages are given, by what they are. */
export async function makeGivenFiles(): Promise<Record<string, Bytes>> {
  const gradient = Uint8Array.from({ length: 40 * 30 * 3 }, (_, i) => i % 251);
  const tensor = { shape: [2], data: Float32Array.of(1, 2) };
  const text = (content: string) => new TextEncoder().encode(content);
  return {
    picture: await encodePng({ data: gradient, height: 40, width: 30, channels: 3 }),
    text: text("Not a picture, but some words."),
    huge: await makeHugePng(),
    empty: new Uint8Array(),
    cut: (await encodeLenet()).subarray(0, 5000),
    nameless: await join(encodeSafetensors({ weight: tensor })),
    other: await encodeLenet({ name: "resnet8" }),
    own: await encodeLenet({ name: "net.ts" }),
    torch: text("PK\u0003\u0004 and so on"),
  };
}

/** Makes a PNG whose header promises 60,000 × 60,000 pixels. */
async function makeHugePng(): Promise<Bytes> {
  const png = await encodePng({ data: new Uint8Array(1), height: 1, width: 1, channels: 1 });
  const view = new DataView(png.buffer);
  view.setUint32(16, 60_000);
  view.setUint32(20, 60_000);
  view.setUint32(29, crc32(png.subarray(12, 29)));
  return png;
}
