import * as tf from "@tensorflow/tfjs-core";

/** Makes tfjs forget the tensors of a backend that has been closed: their memory is gone, so none must be counted or released. */
export function forgetTensors(): void {
  Object.assign(tf.engine().state, {
    numTensors: 0,
    numBytes: 0,
    numDataBuffers: 0,
    numStringTensors: 0,
    tensorInfo: new WeakMap(),
  });
}
