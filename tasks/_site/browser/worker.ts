// The worker of the page: it computes, so that the page stays free. The page has one that predicts and one that trains.
import { type Backend, decodeCheckpoint, getOrThrow, openBackend } from "../../../models/mod.ts";
import { countElements } from "../../../models/types/_shape.ts";
import { decodeImageBytes } from "../../../pipelines/codecs/decode_image.ts";
import { type IdxExamples, idxExamples } from "../../../pipelines/mod.ts";
import { getTitle } from "../../_model/model_config.ts";
import { adviseDrawing } from "../../_pages/advise_drawing.ts";
import type { StoredRecord } from "../../_data/sets/data_set.ts";
import { classify } from "../classify.ts";
import { openCheckpoint, type OpenedCheckpoint } from "../open_checkpoint.ts";
import { nameSplit, type PackedData, type PackedSplit, WASM } from "../site_facts.ts";
import { readSavedLenet, type SavedLenet, trainLenet } from "../train_lenet.ts";
import { fetchFile } from "./fetch_file.ts";
import type { Asked, Questions, SavedState, Told } from "./messages.ts";

const post = (told: Told) =>
  (globalThis as unknown as { postMessage(told: Told): void })
    .postMessage(told);

let backend: Backend | undefined;
let opened: OpenedCheckpoint | undefined;
let pausing: AbortController | undefined;
const splits = new Map<string, Promise<IdxExamples>>();

const getBackend = (): Backend => {
  if (backend) return backend;
  throw new Error("Cannot compute as no backend is open");
};

/** Reads a split of the data by Rill's own stages, once. */
function readSplit(split: PackedSplit, { classes }: PackedData): Promise<IdxExamples> {
  const known = splits.get(split);
  if (known) return known;
  const read = async () => {
    const names = nameSplit(split);
    const [images, labels] = await Promise.all([open(names.images), open(names.labels)]);
    return await idxExamples({ images, labels }, { classes: classes.length });
  };
  const reading = read();
  splits.set(split, reading);
  // The network may be back when it is asked for again.
  reading.catch(() => splits.delete(split));
  return reading;
}

async function open(path: string): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await (await fetchFile(path)).arrayBuffer());
}

const answers: {
  readonly [K in keyof Questions]: (
    ask: Questions[K]["ask"],
  ) => Promise<Questions[K]["answer"]>;
} = {
  async open(choice) {
    opened?.release();
    opened = undefined;
    await backend?.close();
    backend = undefined;
    backend = await openBackend(choice, { wasmUrl: WASM });
    const { description, reason } = backend;
    return { description, reason };
  },
  async load({ bytes, name, data }) {
    getBackend();
    const next = await openCheckpoint(bytes, name);
    opened?.release();
    opened = next;
    const { model, network, saved } = next;
    const training = data ? readSavedLenet(saved, data) : undefined;
    return {
      title: getTitle(model.name),
      side: model.side,
      channels: model.channels,
      classes: model.classes,
      parameters: network.parameters
        .map(({ shape }) => countElements(shape))
        .reduce((a, b) => a + b, 0),
      advice: adviseDrawing(model.classNames),
      training: training && describeTraining(training),
    };
  },
  async check({ bytes, path }) {
    await decodeImageBytes(bytes, { channels: 3, source: path });
    return null;
  },
  async classify({ record, isInverted }) {
    if (!opened) throw new Error("Cannot classify as there is no model: train one, or load one");
    const picture = isInverted ? await invert(record, opened) : record;
    return await classify(getBackend(), opened, picture);
  },
  async example({ data, index }) {
    const split = await readSplit(data.examples > 0 ? "examples" : "test", data);
    const { image, label } = split.get(index % split.length);
    return { image: { ...image, data: image.data.slice() }, label };
  },
  async train({ data, settings, from }) {
    const { signal } = pausing!;
    const saved = from && getOrThrow(await decodeCheckpoint(from));
    const [train, test] = await Promise.all([readSplit("train", data), readSplit("test", data)]);
    let isDone = false;
    const events = trainLenet(getBackend(), { train, test }, data, settings, {
      from: saved,
      signal,
    });
    for await (const event of events) {
      post({ event });
      if (event.kind === "end") isDone = event.isDone;
      // Else a pause would be heard of at the end only: on WASM a step waits for nothing.
      await letOthersRun();
    }
    return { isDone };
  },
  pause() {
    pausing?.abort();
    return Promise.resolve(null);
  },
};

const channel = new MessageChannel();

/** Waits until what has come meanwhile was heard. A timer would wait for four milliseconds, the time of a step. */
const letOthersRun = (): Promise<void> =>
  new Promise((resolve) => {
    channel.port1.onmessage = () => resolve();
    channel.port2.postMessage(null);
  });

/** Answers one question after the other, as some close what others compute with; a pause ends the one before it. */
let last: Promise<void> = Promise.resolve();
addEventListener("message", (event) => {
  const asked = (event as MessageEvent<Asked>).data;
  if (asked.kind === "train") pausing = new AbortController();
  if (asked.kind === "pause") answer(asked);
  else last = last.then(() => answer(asked));
});

async function answer({ id, kind, ask }: Asked): Promise<void> {
  try {
    const answer = await (answers[kind] as (ask: unknown) => Promise<unknown>)(ask);
    post({ id, answer });
  } catch (error) {
    post({ id, problem: describe(error) });
  }
}

function describeTraining(
  { settings, position: { step, epoch, history } }: SavedLenet,
): SavedState {
  return { settings, step, history, isDone: epoch >= settings.epochs };
}

/** Swaps light and dark. */
async function invert(
  record: StoredRecord,
  { model: { channels, orientation } }: Pick<OpenedCheckpoint, "model">,
): Promise<StoredRecord> {
  const image = "bytes" in record
    ? await decodeImageBytes(record.bytes, { channels, orientation, source: record.path })
    : record.image;
  return { image: { ...image, data: image.data.map((sample) => 255 - sample) }, label: -1 };
}

/** Describes an error in one line, without what only says which item of a stream it was. */
function describe(error: unknown): string {
  const cause = error instanceof Error && error.name === "StageError" ? error.cause : error;
  const message = cause instanceof Error ? cause.message || cause.name : String(cause ?? error);
  return message.trim().replace(/\s*\n\s*/g, " ");
}
