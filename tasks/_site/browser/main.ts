/// <reference lib="dom" />
// The page of a site.
import { toImageData } from "../../../pipelines/mod.ts";
import type { StoredRecord } from "../../_data/sets/data_set.ts";
import { FACTS, type SiteFacts } from "../site_facts.ts";
import { makePad } from "./drawing.ts";
import { attemptOnPage, clearProblem, getElement, showProblem } from "./elements.ts";
import { fetchFile } from "./fetch_file.ts";
import { listenForChoice, listenForFiles, readFile } from "./files.ts";
import type { BackendChoice } from "./messages.ts";
import { forgetTraining, readKeptTraining } from "./kept_training.ts";
import { listenForBackend, startPredictor } from "./predictor.ts";
import { startTrainer, type Trainer } from "./trainer.ts";

async function run(): Promise<void> {
  const asked = new URLSearchParams(location.search).get("backend");
  const choice: BackendChoice = asked === "webgpu" || asked === "wasm" ? asked : "auto";
  const facts: SiteFacts = await (await fetchFile(FACTS)).json();
  const { data } = facts;
  const predictor = startPredictor(data);
  const truth = getElement("truth", HTMLParagraphElement);
  const invert = getElement("invert", HTMLInputElement);
  const canvas = getElement("pad", HTMLCanvasElement);
  let current: StoredRecord | undefined;
  let trainer: Trainer | undefined;

  const classify = async (record: StoredRecord | undefined): Promise<boolean> => {
    current = record;
    if (record) return await predictor.classify({ record, isInverted: invert.checked });
    predictor.forget();
    return false;
  };
  const pad = makePad(canvas, () => {
    truth.textContent = "";
    clearProblem();
    classify(pad.read()).catch(showProblem);
  });
  const showExample = async (index: number) => {
    if (!data) return;
    const record = await predictor.readExample(data, index);
    if ("bytes" in record) return;
    pad.show(await createImageBitmap(toImageData(record.image)));
    truth.textContent = `An image of ${data.title}: ${data.classes[record.label] ?? record.label}.`;
    await classify(record);
  };
  const take = (file: File) =>
    attemptOnPage(async () => {
      const { name, bytes, isCheckpoint } = await readFile(file);
      if (isCheckpoint) {
        const { training } = await predictor.load(bytes, name, `, of ${name}`);
        if (training) trainer?.offer(bytes, training);
        return;
      }
      const before = current;
      try {
        // Whether it is a picture at all, and how large, is found out by what classifies it.
        if (!await classify({ bytes, label: -1, path: name })) return;
      } catch (error) {
        await classify(before);
        throw error;
      }
      pad.show(await createImageBitmap(new Blob([bytes])));
      truth.textContent = `The picture ${name}.`;
    });

  getElement("clear", HTMLButtonElement).addEventListener("click", () => {
    pad.clear();
    truth.textContent = "";
    classify(undefined);
  });
  let example = 0;
  getElement("example", HTMLButtonElement).hidden = data === null;
  getElement("example", HTMLButtonElement).addEventListener(
    "click",
    () => attemptOnPage(() => showExample(++example)),
  );
  invert.addEventListener("change", () => attemptOnPage(async () => void await classify(current)));
  listenForChoice(getElement("picture", HTMLInputElement), take);
  listenForChoice(getElement("checkpoint", HTMLInputElement), take);
  listenForFiles(canvas, take);
  if (data) {
    trainer = startTrainer(data, (bytes, step) => {
      const name = `the training after step ${step}`;
      predictor.load(bytes, name, `, trained here in ${step} steps`).catch(showProblem);
    });
    trainer.choose(choice);
  }
  /** Takes the training that the browser has kept, if it is on this data. */
  const restore = async (): Promise<boolean> => {
    const bytes = trainer && await readKeptTraining();
    if (!bytes) return false;
    try {
      const { training } = await predictor.load(bytes, "the training", ", trained here before");
      if (training) {
        trainer?.offer(bytes, training);
        return true;
      }
    } catch { /* It is damaged, or another version's. */ }
    await forgetTraining();
    return false;
  };
  listenForBackend(predictor, (next) => trainer?.choose(next));

  const model = facts.model && fetchFile(facts.model.file);
  // Whoever awaits it hears of it.
  model?.catch(() => {});
  getElement("backend", HTMLSelectElement).value = choice;
  try {
    await predictor.open(choice);
  } catch (error) {
    if (choice === "auto") throw error;
    showProblem(error);
    getElement("backend", HTMLSelectElement).value = "auto";
    trainer?.choose("auto");
  }
  if (await restore()) {
    // What was trained here is the model, until it is started over.
  } else if (facts.model && model) {
    const bytes = new Uint8Array(await (await model).arrayBuffer());
    await predictor.load(bytes, "the page's model", ", which came with the page");
  } else {
    getElement("model", HTMLParagraphElement).textContent = data
      ? "None came with the page: train LeNet below, or load a checkpoint."
      : "None came with the page: load a checkpoint.";
  }
  await showExample(example).catch(showProblem);
}

/** Has the browser keep the page, where it can: not from a server without TLS elsewhere, and not where nothing may be kept. */
async function keep(): Promise<void> {
  try {
    await navigator.serviceWorker?.register("service_worker.js");
  } catch { /* The page works without. */ }
}

try {
  await run();
} catch (error) {
  showProblem(error);
  getElement("status", HTMLParagraphElement).textContent = "The page can't run here.";
}
await keep();
