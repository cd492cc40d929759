// The plan of a training in threads of which one is lost in its third step.
import * as models from "@rill/rill/models";
import * as ops from "@rill/rill/models/ops";

/** How the second thread ends. */
export type ThreadEnd = "throw" | "close" | "exit" | "reject" | "hang" | "none";

/** Whether this module was loaded in a worker. */
const isInWorker = "WorkerGlobalScope" in globalThis;

/** Makes the thread unusable. */
function endThread(end: ThreadEnd): void {
  switch (end) {
    case "throw":
      throw new RangeError("no luck");
    case "close":
      return (globalThis as unknown as { close(): void }).close();
    case "exit":
      return Deno.exit(3);
    case "reject":
      Promise.reject(new RangeError("no luck beside"));
      // It is only told of when the thread has nothing else to do, and it is never to end this step.
      return;
    case "hang":
      // Not without an end: Deno can't end a worker that is at such a loop, which would take a core from all tests after.
      for (const end = Date.now() + 30_000; Date.now() < end;);
  }
}

/** Plans a small training. */
export default function createPlan({ end }: { readonly end: ThreadEnd }): models.TrainingPlan {
  let steps = 0;
  const layers = models.sequential([models.flatten(), models.linear(3)]);
  return {
    network: models.getOrThrow(models.build(layers, [9, 9, 1])),
    optimizer: models.sgd(),
    metrics: {
      largest: (output) => {
        if (isInWorker && ++steps === 3) endThread(end);
        return { sum: ops.max(output), weight: 1 };
      },
    },
    validation: { metrics: {} },
  };
}
