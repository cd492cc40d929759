// A page that is isolated, where several threads train.
import { openBackend } from "@rill/rill/models";
import createPlan from "./plan.ts";
import { train } from "./predict.ts";
import { post } from "./post.ts";

const backend = await openBackend("wasm", { wasmUrl: "/files/" });
const withPlan = () => new Worker(new URL("./thread.js", import.meta.url), { type: "module" });
const alone = () => new Worker(new URL("./thread_alone.js", import.meta.url), { type: "module" });
const fail = async (createWorker?: () => Worker) => {
  try {
    await train({ backend, model: createPlan(), threads: 2, createWorker });
    return "trained";
  } catch (error) {
    return String(error);
  }
};
const results = {
  description: backend.description,
  isolated: Reflect.get(globalThis, "crossOriginIsolated"),
  one: await train({ backend, model: createPlan() }),
  two: await train({ backend, model: createPlan(), threads: 2, createWorker: withPlan }),
  again: await train({ backend, model: createPlan(), threads: 2, createWorker: withPlan }),
  byModule: await train({
    backend,
    model: new URL("./plan.js", import.meta.url),
    threads: 2,
    createWorker: alone,
  }),
  withoutPlan: await fail(alone),
  withoutWorker: await fail(() =>
    new Worker(new URL("./absent.js", import.meta.url), { type: "module" })
  ),
};
await backend.close();
await post(results);
