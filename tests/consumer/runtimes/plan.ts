// The plan of a small training, for every thread.
import * as rill from "@rill/rill/models";

/** Plans the training. */
export default function createPlan(): rill.TrainingPlan {
  const model = rill.sequential([
    rill.conv2d({ filters: 4, kernelSize: 3, strides: 2, bias: false }),
    rill.batchNorm2d(),
    rill.relu(),
    rill.flatten(),
    rill.linear(7),
    rill.relu(),
    rill.dropout(0.5),
    rill.linear(3),
  ]);
  return {
    network: rill.getOrThrow(rill.build(model, [9, 9, 1])),
    optimizer: rill.adam({ learningRate: 0.01 }),
  };
}
