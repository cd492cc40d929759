import { alexnet, alexnet2012, type Layer, lenet, resnet18, resnet8 } from "../../models/mod.ts";

/** A network that tasks know by name. */
export interface KnownNetwork {
  /** Its name, for people. */
  readonly title: string;
  /** Its usual input and classes. */
  readonly side: number;
  readonly channels: number;
  readonly classes: number;
  /** Describes it for so many channels and classes. */
  describe(options: { readonly channels: number; readonly classes: number }): Layer;
}

/** The networks by their names, in kebab-case as on the command line. */
export const networks = {
  alexnet: {
    title: "AlexNet",
    side: 224,
    channels: 1,
    classes: 10,
    describe: alexnet,
  },
  "alexnet2012": {
    title: "AlexNet of 2012",
    side: 227,
    channels: 3,
    classes: 1000,
    describe: alexnet2012,
  },
  lenet: {
    title: "LeNet",
    side: 28,
    channels: 1,
    classes: 10,
    describe: lenet,
  },
  "lenet-relu": {
    title: "LeNet with ReLU",
    side: 28,
    channels: 1,
    classes: 10,
    describe: ({ classes }) => lenet({ classes, activation: "relu" }),
  },
  resnet18: {
    title: "ResNet-18",
    side: 224,
    channels: 3,
    classes: 1000,
    describe: resnet18,
  },
  resnet8: {
    title: "ResNet-8",
    side: 28,
    channels: 1,
    classes: 10,
    describe: resnet8,
  },
} satisfies Readonly<Record<string, KnownNetwork>>;

/** The name of a network that tasks know. */
export type NetworkName = keyof typeof networks;

/** The names of all of them. */
export const networkNames = Object.keys(networks) as [NetworkName, ...NetworkName[]];
