/// <reference lib="dom" />
import type { StoredRecord } from "../../_data/sets/data_set.ts";
import type { PackedData } from "../site_facts.ts";
import { attemptOnPage, getElement, showProblem } from "./elements.ts";
import {
  type AskedPicture,
  type BackendChoice,
  type LoadedModel,
  startWorker,
} from "./messages.ts";
import { clearClassification, showClassification } from "./show_classification.ts";

/** What of the page classifies pictures. */
export interface Predictor {
  /** Opens a backend, and loads the model anew. Where it cannot be opened, the best there is is, before that is said. */
  open(choice: BackendChoice): Promise<void>;
  /** Loads a checkpoint, and classifies the picture anew. */
  load(bytes: Uint8Array<ArrayBuffer>, name: string, title: string): Promise<LoadedModel>;
  /**
   * Classifies a picture; of several that wait the last alone. Without a model it is classified once there is one. Gives whether it
   * is a picture, and the last one that was given.
   */
  classify(picture: AskedPicture): Promise<boolean>;
  readExample(data: PackedData, index: number): Promise<StoredRecord>;
  forget(): void;
}

/** Starts what classifies pictures. */
export function startPredictor(data: PackedData | null): Predictor {
  const client = startWorker();
  let model: {
    readonly bytes: Uint8Array<ArrayBuffer>;
    readonly name: string;
    readonly title: string;
  } | undefined;
  let current: AskedPicture | undefined;
  let answered: { readonly picture: AskedPicture; readonly error?: unknown } | undefined;
  let running: Promise<void> | undefined;
  let opening: Promise<void> = Promise.resolve();

  const classifyCurrent = async (): Promise<void> => {
    for (;;) {
      // While a backend is opened there is no model.
      for (let awaited; awaited !== opening;) await (awaited = opening);
      if (!current || answered?.picture === current) return;
      const picture = current;
      try {
        const found = await client.ask("classify", picture);
        // It may have been taken back meanwhile.
        if (!current) return;
        answered = { picture };
        showClassification(found);
        // For whoever measures the page, or builds on it.
        performance.mark("classified");
        document.dispatchEvent(new CustomEvent("classified", { detail: found }));
      } catch (error) {
        answered = { picture, error };
        if (picture !== current) continue;
        current = undefined;
        clearClassification("Nothing to tell of that.");
      }
    }
  };
  /** Has the last picture classified. Gives whether there is an answer to this one, and not to a later one only. */
  const run = async (picture: AskedPicture): Promise<boolean> => {
    await (running ??= classifyCurrent().finally(() => running = undefined));
    if (answered?.picture !== picture) return false;
    if ("error" in answered) throw answered.error;
    return true;
  };
  const load = async (bytes: Uint8Array<ArrayBuffer>, name: string, title: string) => {
    const loaded = await client.ask("load", { bytes, name, data });
    model = { bytes, name, title };
    const { side, channels, classes, parameters } = loaded;
    getElement("model", HTMLParagraphElement).textContent = `${loaded.title}${title}: ` +
      `${parameters.toLocaleString("en-US")} parameters, ${classes} classes, ` +
      `pictures of ${side} × ${side}${channels === 1 ? ", gray" : ""}.`;
    getElement("advice", HTMLElement).textContent = loaded.advice;
    answered = undefined;
    if (current) run(current).catch(showProblem);
    return loaded;
  };
  const openNow = async (choice: BackendChoice): Promise<void> => {
    const { description, reason } = await client.ask("open", choice);
    getElement("status", HTMLParagraphElement).textContent =
      `Computing on ${description}: ${reason}.`;
    if (model) await load(model.bytes, model.name, model.title);
  };
  const openOrFallBack = async (choice: BackendChoice): Promise<void> => {
    try {
      await openNow(choice);
    } catch (error) {
      if (choice !== "auto") await openNow("auto");
      throw error;
    }
  };
  return {
    open(choice) {
      const opened = opening.then(() => openOrFallBack(choice));
      opening = opened.catch(() => {});
      return opened;
    },
    load,
    async classify(picture) {
      current = picture;
      if (model) return await run(picture);
      const ways = data ? "train LeNet below, or load a checkpoint" : "load a checkpoint";
      clearClassification(`There is no model yet: ${ways}, and this is classified.`);
      if ("bytes" in picture.record) await client.ask("check", picture.record);
      return picture === current;
    },
    readExample: (data, index) => client.ask("example", { data, index }),
    forget() {
      current = undefined;
      clearClassification("Nothing to tell yet.");
    },
  };
}

/** Has the person choose what computes. A browser that hasn't it says so, and goes on with what there is. */
export function listenForBackend(predictor: Predictor, onOpened: (choice: BackendChoice) => void) {
  const select = getElement("backend", HTMLSelectElement);
  select.addEventListener("change", () =>
    attemptOnPage(async () => {
      const choice = select.value as BackendChoice;
      try {
        await predictor.open(choice);
        onOpened(choice);
      } catch (error) {
        select.value = "auto";
        onOpened("auto");
        throw error;
      }
    }));
}
