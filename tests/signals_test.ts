// What is given for a signal and is none is refused in words, wherever there is such an option.
import { assertRejects, assertThrows } from "@std/assert";
import * as rill from "@rill/rill";
import { imageFolder } from "@rill/rill/pipelines/image-folder";
import { withBackend } from "./models/_helpers.ts";

const WRONG = [
  [null, "null"],
  [{}, "an object"],
  [{ aborted: true, reason: 3 }, "an object"],
  [new AbortController(), "an object"],
  [5, "a number"],
] as const;

Deno.test("a signal that is none is refused in words", () =>
  withBackend("wasm", async (backend) => {
    const network = rill.getOrThrow(rill.build(rill.linear(2), [1]));
    for (const [wrong, kind] of WRONG) {
      const signal = wrong as unknown as AbortSignal;
      const said = ` with a signal that is ${kind}: it must be an AbortSignal`;
      const refuse = (fn: () => unknown, action: string) =>
        assertThrows(fn, TypeError, `Cannot ${action}${said}`);
      const plan = { network, optimizer: rill.sgd() };
      const train = () => ReadableStream.from<rill.TrainingBatch>([]);
      await assertRejects(
        () => rill.openBackend("wasm", { signal }),
        TypeError,
        `Cannot open a backend${said}`,
      );
      refuse(() => rill.trainEpochs({ backend, model: plan, epochs: 1, train, signal }), "train");
      refuse(
        () =>
          rill.evaluateBatches(() => Promise.resolve(1), { params: {}, buffers: {} }, { signal }),
        "evaluate batches",
      );
      const variables = { params: {}, buffers: {} };
      const evaluation = { backend, model: plan, variables, signal };
      refuse(() => rill.evaluateInThreads(evaluation), "evaluate");
      refuse(() => rill.predictInThreads(evaluation), "predict");
      refuse(() => rill.decodePth(new Uint8Array(4), { signal }), "decode PyTorch file");
      refuse(() => rill.untilAborted(signal), "end a stream");
      const url = "http://127.0.0.1:9/";
      refuse(() => rill.httpSource(url, { signal }), `read ${url}`);
      refuse(() => rill.readHttpRange(url, { from: 0, to: 1 }, { signal }), `read ${url}`);
      await assertRejects(
        () => imageFolder("images", { signal }),
        TypeError,
        `Cannot open image folder images${said}`,
      );
    }
  }));
