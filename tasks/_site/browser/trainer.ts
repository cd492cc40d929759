/// <reference lib="dom" />
import type { PackedData } from "../site_facts.ts";
import { chooseSettings, type LenetSettings } from "../lenet_settings.ts";
import type { LenetEvent } from "../train_lenet.ts";
import type { Curves } from "./curves.ts";
import { attemptOnPage, formatShare, getElement, makeElement } from "./elements.ts";
import { downloadFile } from "./files.ts";
import { forgetTraining, keepTraining } from "./kept_training.ts";
import { type BackendChoice, type SavedState, startWorker } from "./messages.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** What of the page trains. */
export interface Trainer {
  /** Takes a training that was saved: it can go on, unless it was at its end. */
  offer(bytes: Bytes, training: SavedState): void;
  /** Has what comes next computed so. */
  choose(choice: BackendChoice): void;
}

const FIELDS = ["epochs", "batchSize", "learningRate"] as const;

/**
 * Starts what trains on the data that came with the page.
 *
 * @param onSaved Called with each checkpoint, and the number of its step.
 */
export function startTrainer(
  data: PackedData,
  onSaved: (bytes: Bytes, step: number) => void,
): Trainer {
  const client = startWorker((event) => hear(event));
  const fields = FIELDS.map((id) => getElement(id, HTMLInputElement));
  const [start, pause, save, restart] = ["start", "pause", "save", "restart"]
    .map((id) => getElement(id, HTMLButtonElement)) as [
      ...[HTMLButtonElement, HTMLButtonElement, HTMLButtonElement, HTMLButtonElement],
    ];
  const progress = getElement("progress", HTMLParagraphElement);
  let choice: BackendChoice = "auto";
  let opened: BackendChoice | undefined;
  let saved: { readonly bytes: Bytes; readonly step: number } | undefined;
  let running: Promise<void> | undefined;
  let stopping: AbortController | undefined;
  let isDone = false;
  let hasStep = false;
  let isKept: Promise<boolean> | undefined;
  let curves: Curves | undefined;

  const show = () => {
    const isPaused = !running && saved !== undefined && !isDone;
    const isStopping = stopping?.signal.aborted ?? false;
    fields.forEach((field) => field.disabled = running !== undefined || isPaused);
    start.disabled = running !== undefined;
    start.textContent = isPaused ? "Resume" : "Train";
    pause.disabled = running === undefined || isStopping;
    save.disabled = running ? isStopping || !hasStep : !saved;
    restart.hidden = running !== undefined || !saved;
    restart.textContent = isDone ? "Forget it" : "Start over";
  };
  const hear = (event: LenetEvent) => {
    if (event.kind === "step") {
      const { step, steps, loss, accuracy } = event;
      progress.textContent = `Step ${step} of ${steps}, loss ${loss.toFixed(3)}.`;
      curves?.add(step, loss, accuracy);
      if (!hasStep) {
        hasStep = true;
        show();
      }
    } else if (event.kind === "epoch") {
      showEpochs(event.history);
      const last = event.history.at(-1);
      if (last?.validation) curves?.addTest(last.step, last.validation.accuracy ?? NaN);
    } else if (event.kind === "checkpoint") {
      saved = { bytes: event.bytes, step: event.step };
      isKept = keepTraining(event.bytes);
      onSaved(event.bytes, event.step);
    }
  };
  const train = async (signal: AbortSignal): Promise<void> => {
    const isNew = isDone || !saved;
    if (isNew) clear();
    const { makeCurves } = await import("./curves.ts");
    curves ??= makeCurves(getElement("chart", HTMLDivElement));
    if (opened !== choice) {
      opened = undefined;
      await client.ask("open", choice);
      opened = choice;
    }
    // It may have been told to pause before there was anything to pause.
    if (!signal.aborted) {
      const settings = readSettings(fields);
      const answered = client.ask("train", { data, settings, from: saved?.bytes });
      signal.addEventListener("abort", () => client.ask("pause", null).catch(() => {}));
      isDone = (await answered).isDone;
    }
    showState();
    if (await isKept === false) {
      progress.textContent +=
        " This browser doesn't keep it: save a checkpoint before the page is closed.";
    }
  };
  const showState = () => {
    const step = saved?.step ?? 0;
    progress.textContent = isDone
      ? `Trained in ${step} steps: the model above is this one.`
      : `Paused after step ${step}.`;
  };
  const run = () =>
    attemptOnPage(async () => {
      stopping = new AbortController();
      hasStep = false;
      running = train(stopping.signal);
      show();
      try {
        await running;
      } finally {
        running = stopping = undefined;
        show();
      }
    });
  /** Ends what runs. Gives whether it had gone well; if not, whoever started it says so. */
  const stop = async (): Promise<boolean> => {
    stopping?.abort();
    show();
    return await running?.then(() => true, () => false) ?? false;
  };
  const clear = () => {
    saved = undefined;
    isDone = false;
    isKept = undefined;
    curves?.clear();
    showEpochs([]);
    progress.textContent = "";
    show();
  };

  getElement("settings", HTMLFormElement).addEventListener("submit", (event) => {
    event.preventDefault();
    if (!running) run();
  });
  pause.addEventListener("click", stop);
  restart.addEventListener("click", () => {
    clear();
    forgetTraining();
  });
  save.addEventListener("click", () =>
    attemptOnPage(async () => {
      // What is saved of a training that runs is where it is now; it goes on then.
      const goesOn = running !== undefined && await stop();
      if (saved) downloadFile(`lenet-${saved.step}.safetensors`, saved.bytes);
      if (goesOn && !isDone) run();
    }));

  writeSettings(fields, chooseSettings(data.train));
  getElement("training", HTMLElement).hidden = false;
  const counts = `${data.train.toLocaleString("en-US")} images of ${data.title}`;
  getElement("data", HTMLParagraphElement).textContent =
    `On ${counts}, tested on ${
      data.test.toLocaleString("en-US")
    } others. The page stays usable meanwhile, and classifies with ` +
    "what is learned by then after each epoch.";
  show();
  return {
    offer(bytes, { settings, step, history, isDone: isAtEnd }) {
      if (running) return;
      clear();
      writeSettings(fields, settings);
      saved = { bytes, step };
      isDone = isAtEnd;
      showEpochs(history);
      if (isDone) showState();
      else progress.textContent = `A training after step ${step}: it can be resumed.`;
      show();
    },
    choose: (next) => choice = next,
  };
}

const readSettings = (fields: readonly HTMLInputElement[]): LenetSettings => {
  const [epochs = 0, batchSize = 0, learningRate = 0] = fields.map(({ valueAsNumber }) =>
    valueAsNumber
  );
  return { epochs, batchSize, learningRate };
};

const writeSettings = (fields: readonly HTMLInputElement[], settings: LenetSettings): void =>
  FIELDS.forEach((key, i) => fields[i]!.value = String(settings[key]));

/** Shows what came of epochs. */
function showEpochs(history: SavedState["history"]): void {
  const table = getElement("results", HTMLTableElement);
  table.hidden = history.length === 0;
  table.tBodies[0]?.replaceChildren(...history.map(({ epoch, training, validation }) => {
    const cells = [
      String(epoch + 1),
      (training.loss ?? NaN).toFixed(3),
      formatShare(training.accuracy ?? NaN),
      formatShare(validation?.accuracy ?? NaN),
    ];
    return makeElement(
      "tr",
      {},
      cells.map((text) => makeElement("td", { className: "number", text })),
    );
  }));
}
