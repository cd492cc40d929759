import { alexnet, alexnet2012, type Layer, lenet, resnet18, resnet8 } from "../../models/mod.ts";

/** The choices that some networks leave open. */
export interface NetworkChoices {
  /** The probability that a feature of the hidden linear layers is dropped in training. */
  readonly dropout?: number | undefined;
  /** The activation between the layers. */
  readonly activation?: "relu" | "sigmoid" | undefined;
}

/** What a network is described for. */
export interface NetworkRequest extends NetworkChoices {
  readonly channels: number;
  readonly classes: number;
}

/** A network that tasks know by name. */
export interface KnownNetwork {
  /** Its name, for people. */
  readonly title: string;
  /** Its usual input and classes. */
  readonly side: number;
  readonly channels: number;
  readonly classes: number;
  /** The side for a CPU, or for few images. */
  readonly smallSide: number;
  /** The choices that it leaves open, with what it has by default. */
  readonly choices: NetworkChoices;
  /** Describes it for so many channels and classes. */
  describe(request: NetworkRequest): Layer;
}

/** The networks by their names, in kebab-case as on the command line. */
export const networks = {
  alexnet: {
    title: "AlexNet",
    side: 224,
    smallSide: 67,
    channels: 1,
    classes: 10,
    choices: { dropout: 0.5, activation: "relu" },
    describe: ({ channels, classes, dropout = 0.5, activation = "relu" }) =>
      alexnet({ channels, classes, dropout, activation }),
  },
  "alexnet2012": {
    title: "AlexNet of 2012",
    side: 227,
    smallSide: 67,
    channels: 3,
    classes: 1000,
    choices: { dropout: 0.5 },
    describe: ({ classes, dropout = 0.5 }) => alexnet2012({ classes, dropout }),
  },
  lenet: {
    title: "LeNet",
    side: 28,
    smallSide: 28,
    channels: 1,
    classes: 10,
    choices: { dropout: 0, activation: "sigmoid" },
    describe: ({ classes, dropout = 0, activation = "sigmoid" }) =>
      lenet({ classes, dropout, activation }),
  },
  resnet18: {
    title: "ResNet-18",
    side: 224,
    smallSide: 64,
    channels: 3,
    classes: 1000,
    choices: {},
    describe: ({ classes }) => resnet18({ classes }),
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

/** Finds a network by its name; `undefined` for a name that tasks don't know, such as a file's. */
export const findNetwork = (name: string): KnownNetwork | undefined =>
  Object.hasOwn(networks, name) ? networks[name as NetworkName] : undefined;
