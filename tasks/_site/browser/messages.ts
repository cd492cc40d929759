import type { EncodedImage } from "../../../pipelines/mod.ts";
import type { StoredRecord } from "../../_data/sets/data_set.ts";
import type { Classification } from "../classify.ts";
import type { PackedData } from "../site_facts.ts";
import type { LenetSettings } from "../lenet_settings.ts";
import type { LenetEvent } from "../train_lenet.ts";

/** What computes, as it was chosen. */
export type BackendChoice = "auto" | "webgpu" | "wasm";

/** What a worker can be asked for, and what it answers. */
export interface Questions {
  /** Opens a backend, in the place of one that is open. */
  open: { ask: BackendChoice; answer: { readonly description: string; readonly reason: string } };
  /** Opens a checkpoint, in the place of one that is open. */
  load: {
    ask: {
      readonly bytes: Uint8Array<ArrayBuffer>;
      readonly name: string;
      readonly data: PackedData | null;
    };
    answer: LoadedModel;
  };
  /** Decodes a picture, and fails if it can't be. */
  check: { ask: EncodedImage; answer: null };
  /** Classifies a picture. */
  classify: { ask: AskedPicture; answer: Classification };
  /** Reads an image that the page shows, by its index. */
  example: {
    ask: { readonly data: PackedData; readonly index: number };
    answer: StoredRecord;
  };
  /** Trains to the end, or until it is paused; what happens is told beside. */
  train: {
    ask: {
      readonly data: PackedData;
      readonly settings: LenetSettings;
      readonly from?: Uint8Array<ArrayBuffer> | undefined;
    };
    answer: { readonly isDone: boolean };
  };
  /** Ends the training after the step under way. */
  pause: { ask: null; answer: null };
}

/** A picture, and whether light and dark are to be swapped in it. */
export interface AskedPicture {
  readonly record: StoredRecord;
  readonly isInverted: boolean;
}

/** How far a training had come that was saved. */
export interface SavedState {
  readonly settings: LenetSettings;
  readonly step: number;
  /** What came of the epochs that were done. */
  readonly history: Extract<LenetEvent, { kind: "epoch" }>["history"];
  readonly isDone: boolean;
}

/** What there is to say of a model that was loaded. */
export interface LoadedModel {
  readonly title: string;
  readonly side: number;
  readonly channels: number;
  readonly classes: number;
  readonly parameters: number;
  /** How to draw for it; empty where nothing is known of that. */
  readonly advice: string;
  /** The training on this data that a page has saved, if it is one: it can go on here, unless it was at its end. */
  readonly training?: SavedState | undefined;
}

/** A question as it is posted, and what is posted back. */
export type Asked<K extends keyof Questions = keyof Questions> = {
  readonly [Kind in K]: {
    readonly id: number;
    readonly kind: Kind;
    readonly ask: Questions[Kind]["ask"];
  };
}[K];
export type Told =
  | { readonly id: number; readonly answer: unknown }
  | { readonly id: number; readonly problem: string }
  | { readonly event: LenetEvent };

/** Whoever asks a worker. */
export interface Client {
  ask<K extends keyof Questions>(
    kind: K,
    ask: Questions[K]["ask"],
  ): Promise<Questions[K]["answer"]>;
}

/**
 * Starts a worker of the page's program for it.
 *
 * @param onEvent Called with what a training tells.
 */
export function startWorker(onEvent: (event: LenetEvent) => void = () => {}): Client {
  const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  let next = 0;
  let failed: Error | undefined;
  worker.onmessage = ({ data }: MessageEvent<Told>) => {
    if ("event" in data) return onEvent(data.event);
    const { resolve, reject } = waiting.get(data.id)!;
    waiting.delete(data.id);
    if ("problem" in data) reject(new Error(data.problem));
    else resolve(data.answer);
  };
  worker.onerror = ({ message }) => {
    failed = new Error(`Cannot go on as the worker failed: ${message ?? "it can't be loaded"}`);
    for (const { reject } of waiting.values()) reject(failed);
    waiting.clear();
  };
  return {
    ask(kind, ask) {
      if (failed) return Promise.reject(failed);
      const answered = Promise.withResolvers<unknown>();
      waiting.set(next, answered);
      worker.postMessage({ id: next++, kind, ask });
      // deno-lint-ignore no-explicit-any -- the worker answers what the question says
      return answered.promise as Promise<any>;
    },
  };
}
