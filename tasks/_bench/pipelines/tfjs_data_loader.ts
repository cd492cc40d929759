import type { Absentee } from "../shared/absentee.ts";
import type { Contestant } from "./contestant.ts";
import type { TfjsDataAnswer } from "./tfjs_data_worker.ts";

/** Starts tfjs-data with one of its backends, in a worker that waits for its turns; or says why it can't be had. */
export async function startTfjsDataLoader(backend: "cpu" | "wasm"): Promise<Contestant | Absentee> {
  const name = `tfjs-data, ${backend} backend`;
  const worker = new Worker(import.meta.resolve("./tfjs_data_worker.ts"), { type: "module" });
  const ask = (question: unknown) =>
    new Promise<TfjsDataAnswer>((resolve, reject) => {
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = (event) => {
        event.preventDefault();
        reject(new Error(`Cannot measure ${name}: ${event.message}`));
      };
      worker.postMessage(question);
    });
  const answer = await ask(backend);
  if (!("about" in answer)) {
    worker.terminate();
    return { name, missing: "missing" in answer ? answer.missing : "it says nothing" };
  }
  return {
    name,
    about: answer.about,
    load: async (load) => {
      const answer = await ask(load);
      if (!("seconds" in answer)) throw new Error(`Cannot measure ${name}: it says nothing`);
      return answer.seconds;
    },
    close: () => Promise.resolve(worker.terminate()),
  };
}
