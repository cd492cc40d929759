// A training step of a network goes over no tensor in JavaScript.
import * as tf from "@tensorflow/tfjs-core";
import {
  adam,
  alexnetTorchvision,
  build,
  densenet121,
  googlenet,
  initTrainState,
  type Layer,
  mobilenetV2,
  nin,
  randomKey,
  resnet34,
  resnet50,
  squeezenet1_1,
  trainStep,
} from "@rill/rill/models";
import { assertEquals } from "@std/assert";
import { getOrThrow, numbers, withBackend } from "../_helpers.ts";

const SIDE = 67;
const IMAGES = 2;
const CLASSES = 10;

interface Viewing {
  typedArrayFromHeap(info: tf.TensorInfo): unknown;
}

/**
 * Lists the kernels that view tensors as arrays of JavaScript while something runs, of more numbers than a batch's logits have:
 * those are few.
 */
function listViewers(run: () => void): string[] {
  const backend = tf.backend() as unknown as Viewing;
  const configs = tf.getKernelsForBackend("wasm");
  const running: string[] = [];
  const found = new Set<string>();
  const register = (config: tf.KernelConfig) => {
    tf.unregisterKernel(config.kernelName, "wasm");
    tf.registerKernel(config);
  };
  for (const config of configs) {
    register({
      ...config,
      kernelFunc(call) {
        running.push(config.kernelName);
        try {
          return config.kernelFunc(call);
        } finally {
          running.pop();
        }
      },
    });
  }
  const { typedArrayFromHeap } = backend;
  backend.typedArrayFromHeap = function (info) {
    const count = tf.util.sizeFromShape(info.shape);
    if (count > IMAGES * CLASSES) found.add(running.at(-1) ?? "no kernel");
    return typedArrayFromHeap.call(this, info);
  };
  try {
    run();
  } finally {
    backend.typedArrayFromHeap = typedArrayFromHeap;
    for (const config of configs) register(config);
  }
  return [...found].sort();
}

/** The networks, but for those that have more of the same layers, as VGG's. */
const NETWORKS: Readonly<Record<string, () => Layer>> = {
  alexnetTorchvision: () => alexnetTorchvision({ classes: CLASSES }),
  densenet121: () => densenet121({ classes: CLASSES }),
  googlenet: () => googlenet({ classes: CLASSES }),
  mobilenetV2: () => mobilenetV2({ classes: CLASSES }),
  nin: () => nin({ classes: CLASSES }),
  resnet34: () => resnet34({ classes: CLASSES }),
  resnet50: () => resnet50({ classes: CLASSES }),
  squeezenet1_1: () => squeezenet1_1({ classes: CLASSES }),
};

for (const [name, describe] of Object.entries(NETWORKS)) {
  Deno.test(`a step of ${name} runs in the module, not in JavaScript`, () =>
    withBackend("wasm", async () => {
      const network = getOrThrow(build(describe(), [SIDE, SIDE, 3]));
      const optimizer = adam();
      const state = initTrainState(network, optimizer, randomKey(1));
      const images = { data: numbers(IMAGES * SIDE * SIDE * 3, 1), shape: [IMAGES, SIDE, SIDE, 3] };
      const batch = { images, labels: Int32Array.of(3, 7), size: IMAGES };
      const step = trainStep(network, optimizer);
      assertEquals(listViewers(() => void step(state, batch)), []);
      await Promise.resolve();
    }));
}

Deno.test("a kernel that goes over a tensor in JavaScript is found", () =>
  withBackend("wasm", () => {
    tf.tidy(() => {
      const x = tf.tensor(numbers(60, 1), [3, 4, 5]);
      assertEquals(listViewers(() => tf.reverse(tf.slice(x, [1, 1, 0], [2, 2, 5]), 0)), []);
      assertEquals(listViewers(() => tf.slice(x, [0, 1, 1], [3, 3, 3])), ["Slice"]);
    });
    return Promise.resolve();
  }));
