import {
  batchNorm2d,
  conv2d,
  flatten,
  type Layer,
  lenet,
  linear,
  maxPool2d,
  relu,
  sequential,
} from "@rill/rill/models";

/** A network, and how it takes pictures. */
export interface Case {
  /** The file of its checkpoint. */
  readonly file: string;
  readonly model: () => Layer;
  readonly side: number;
  readonly channels: 1 | 3;
  readonly mean: number | readonly number[];
  readonly std: number | readonly number[];
}

/** The networks that every place predicts with: the book's first, and one with what most others have besides. */
export const CASES: readonly Case[] = [
  {
    file: "lenet.safetensors",
    model: () => lenet({ classes: 10, activation: "relu" }),
    side: 28,
    channels: 1,
    mean: 0.45,
    std: 0.25,
  },
  {
    file: "norm.safetensors",
    model: () =>
      sequential([
        conv2d({ filters: 8, kernelSize: 3, strides: 2, bias: false }),
        batchNorm2d(),
        relu(),
        conv2d({ filters: 16, kernelSize: 3, padding: 1, bias: false }),
        batchNorm2d(),
        relu(),
        maxPool2d({ poolSize: 2 }),
        flatten(),
        linear(7),
      ]),
    side: 33,
    channels: 3,
    mean: [0.485, 0.456, 0.406],
    std: [0.229, 0.224, 0.225],
  },
];

/** The files of the pictures that they classify. */
export const PICTURES: readonly string[] = [
  "rgb.png",
  "palette.png",
  "progressive.jpg",
  "turned.jpg",
];

/** What a place has computed. */
export interface Logits {
  /** The backend's description. */
  readonly description: string;
  /** The logits of all pictures, by the checkpoint's file. */
  readonly logits: Readonly<Record<string, readonly number[]>>;
}
