// The plan of the tests' trainings, in a module as threads take it.
import { pipe } from "fp-ts/lib/function.js";
import * as models from "@rill/rill/models";

/** The options of {@linkcode createPlan}. */
export interface PlanOptions {
  readonly optimizer?: "adam" | "averaged" | "accumulate" | "sgd";
  readonly learningRate?: number;
  /** What is different in the other threads. */
  readonly inThreads?: "throw" | "other network" | "other optimizer" | "failing input";
}

/** Whether this module was loaded in a worker. */
const isInWorker = "WorkerGlobalScope" in globalThis;

/** Its features are odd in number, so that shares begin in the middle of a block of random words. */
const describe = (features: number) =>
  models.sequential([
    models.conv2d({ filters: 4, kernelSize: 3, strides: 2, bias: false }),
    models.batchNorm2d(),
    models.relu(),
    models.flatten(),
    models.linear(features),
    models.relu(),
    models.dropout(0.5),
    models.linear(3),
  ]);

/** Plans a small training. */
export default function createPlan(
  { optimizer = "adam", learningRate = 0.01, inThreads }: PlanOptions = {},
): models.TrainingPlan {
  const other = isInWorker ? inThreads : undefined;
  if (other === "throw") throw new Error("no luck");
  const optimizers = {
    adam: models.adam({ learningRate }),
    sgd: models.sgd({ learningRate }),
    averaged: pipe(models.adam({ learningRate }), models.averaged(0.5)),
    accumulate: pipe(models.adam({ learningRate }), models.accumulate(3)),
  };
  return {
    network: models.getOrThrow(
      models.build(describe(other === "other network" ? 6 : 7), [9, 9, 1]),
    ),
    optimizer: optimizers[other === "other optimizer" ? "sgd" : optimizer],
    ...other === "failing input" && {
      validation: {
        input() {
          throw new RangeError("no luck");
        },
      },
    },
  };
}
