import {
  alexnet,
  alexnet2012,
  alexnetTorchvision,
  densenet121,
  googlenet,
  type Layer,
  lenet,
  mobilenetV2,
  nin,
  resnet18,
  resnet34,
  resnet50,
  resnet8,
  squeezenet1_1,
  vgg11,
  vgg16,
} from "../../models/mod.ts";

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

/** The usual input and classes of networks for ImageNet, in the side for a CPU also where they take less. */
const imageNet = { side: 224, smallSide: 64, channels: 3, classes: 1000 } as const;

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
  "alexnet-torchvision": {
    ...imageNet,
    title: "AlexNet of torchvision",
    choices: { dropout: 0.5 },
    describe: ({ classes, dropout = 0.5 }) => alexnetTorchvision({ classes, dropout }),
  },
  alexnet2012: {
    title: "AlexNet of 2012",
    side: 227,
    smallSide: 67,
    channels: 3,
    classes: 1000,
    choices: { dropout: 0.5 },
    describe: ({ classes, dropout = 0.5 }) => alexnet2012({ classes, dropout }),
  },
  densenet121: {
    ...imageNet,
    title: "DenseNet-121",
    choices: {},
    describe: ({ classes }) => densenet121({ classes }),
  },
  googlenet: {
    ...imageNet,
    title: "GoogLeNet",
    choices: { dropout: 0.2 },
    describe: ({ classes, dropout = 0.2 }) => googlenet({ classes, dropout }),
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
  "mobilenet-v2": {
    ...imageNet,
    title: "MobileNetV2",
    choices: { dropout: 0.2 },
    describe: ({ classes, dropout = 0.2 }) => mobilenetV2({ classes, dropout }),
  },
  nin: {
    title: "NiN",
    side: 224,
    smallSide: 67,
    channels: 1,
    classes: 10,
    choices: { dropout: 0.5 },
    describe: ({ classes, dropout = 0.5 }) => nin({ classes, dropout }),
  },
  resnet18: {
    ...imageNet,
    title: "ResNet-18",
    choices: {},
    describe: ({ classes }) => resnet18({ classes }),
  },
  resnet34: {
    ...imageNet,
    title: "ResNet-34",
    choices: {},
    describe: ({ classes }) => resnet34({ classes }),
  },
  resnet50: {
    ...imageNet,
    title: "ResNet-50",
    choices: {},
    describe: ({ classes }) => resnet50({ classes }),
  },
  resnet8: {
    title: "ResNet-8",
    side: 28,
    smallSide: 28,
    channels: 1,
    classes: 10,
    choices: {},
    describe: ({ classes }) => resnet8({ classes }),
  },
  "squeezenet1-1": {
    ...imageNet,
    title: "SqueezeNet 1.1",
    choices: { dropout: 0.5 },
    describe: ({ classes, dropout = 0.5 }) => squeezenet1_1({ classes, dropout }),
  },
  vgg11: {
    ...imageNet,
    title: "VGG-11",
    choices: { dropout: 0.5 },
    describe: ({ classes, dropout = 0.5 }) => vgg11({ classes, dropout }),
  },
  "vgg11-bn": {
    ...imageNet,
    title: "VGG-11 with batch normalization",
    choices: { dropout: 0.5 },
    describe: ({ classes, dropout = 0.5 }) => vgg11({ classes, dropout, batchNorm: true }),
  },
  vgg16: {
    ...imageNet,
    title: "VGG-16",
    choices: { dropout: 0.5 },
    describe: ({ classes, dropout = 0.5 }) => vgg16({ classes, dropout }),
  },
  "vgg16-bn": {
    ...imageNet,
    title: "VGG-16 with batch normalization",
    choices: { dropout: 0.5 },
    describe: ({ classes, dropout = 0.5 }) => vgg16({ classes, dropout, batchNorm: true }),
  },
} satisfies Readonly<Record<string, KnownNetwork>>;

/** The name of a network that tasks know. */
export type NetworkName = keyof typeof networks;

/** The names of all of them. */
export const networkNames = Object.keys(networks) as [NetworkName, ...NetworkName[]];

/** Finds a network by its name; `undefined` for a name that tasks don't know, such as a file's. */
export const findNetwork = (name: string): KnownNetwork | undefined =>
  Object.hasOwn(networks, name) ? networks[name as NetworkName] : undefined;

/** Tells whether a name means a file of code, and not a network that tasks know. */
export const isCodeFile = (name: string): boolean => /\.[cm]?[jt]sx?$/i.test(name);
