import type { ModelConfig } from "../../_model/model_config.ts";
import { findNetwork } from "../../_model/networks.ts";

/**
 * The settings of a training run on which its result depends. Each is a flag of the same name, and `config.json` holds them all,
 * so that it can be the configuration of another run.
 */
export interface TrainSettings {
  /** The data, as `--data` names it. */
  readonly data: string;
  /** The share of the training images that is held out to choose by, where the data has no split for that. */
  readonly validation: number;
  /** How many training images are used. */
  readonly images: number;
  /** How many test images are used. */
  readonly testImages: number;
  /** Whether all classes are drawn alike often. */
  readonly balance: boolean;
  readonly shuffle: boolean;

  /** The network: a name that tasks know, or a file. */
  readonly model: string;
  readonly dropout: number;
  readonly activation: "relu" | "sigmoid";
  readonly init: "pytorch" | "kaiming" | "xavier";
  /** Patterns of the names of parameters that stay as they are, with commas between. */
  readonly freeze: string;

  /** Side of the images, in pixels. */
  readonly side: number;
  readonly channels: 1 | 3;
  readonly mean: number | readonly number[];
  readonly std: number | readonly number[];
  readonly resize: ModelConfig["resize"];
  readonly orientation: ModelConfig["orientation"];
  /** What becomes of pictures that can't be decoded. */
  readonly onBadRecord: "fail" | "skip";
  readonly augment: AugmentName;
  /** A file with stages of one's own, in the place of `augment`'s; empty for none. */
  readonly pipeline: string;
  /** The parameter of the beta distribution of the shares in which images are mixed; 0 for none. */
  readonly mixup: number;
  /** The same for images that get a rectangle of another. */
  readonly cutmix: number;

  readonly batchSize: number;
  readonly epochs: number;
  readonly accumulate: number;
  readonly loss: "cross-entropy" | "binary-cross-entropy" | "mse";
  readonly labelSmoothing: number;
  readonly classWeights: boolean;

  readonly optimizer: OptimizerName;
  readonly learningRate: number;
  /** Steps over which the learning rate rises to its value. */
  readonly warmup: number;
  /** How it changes from then on, over the whole run. */
  readonly schedule: "constant" | "linear" | "cosine" | "one-cycle";
  readonly momentum: number;
  readonly nesterov: boolean;
  readonly beta1: number;
  readonly beta2: number;
  /** What is added to denominators, or under roots; 0 for the optimizer's own number. */
  readonly epsilon: number;
  readonly amsgrad: boolean;
  /** The decay of rmsprop's running mean of squared gradients. */
  readonly alpha: number;
  readonly centered: boolean;
  /** The decay of adadelta's running means. */
  readonly rho: number;
  /** By how much less than 1 sgd multiplies a gradient that it adds to the running sum. */
  readonly dampening: number;
  /** How the step size of adagrad shrinks: at update `t` it is divided by `1 + (t - 1) · learningRateDecay`. */
  readonly learningRateDecay: number;
  /** What adagrad's sum of squares begins with. */
  readonly initialSum: number;
  readonly weightDecay: number;
  /** The largest norm of all gradients together; 0 for any. */
  readonly clip: number;
  /** The decay of the running average of parameters that is evaluated and saved as best; 0 for none. */
  readonly ema: number;

  readonly seed: number;
  /** What decides which parameters are best. */
  readonly best: (typeof bestNames)[number];
  /** Ends the run after so many epochs without a better one; 0 for never. */
  readonly patience: number;
  /** What is averaged over when the network is evaluated. */
  readonly views: NonNullable<ModelConfig["views"]>;
}

/** The names of augmentations. */
export const augmentNames = ["none", "flip", "light", "standard", "strong", "alexnet"] as const;

/** The name of an augmentation. */
export type AugmentName = (typeof augmentNames)[number];

/** The names of what can decide which parameters are best. */
export const bestNames = ["accuracy", "balanced-accuracy", "top-5-accuracy", "loss"] as const;

/** The names of optimizers. */
export const optimizerNames = ["adam", "adamw", "sgd", "rmsprop", "adagrad", "adadelta"] as const;

/** The name of an optimizer. */
export type OptimizerName = (typeof optimizerNames)[number];

/** What a preset may leave to the data. */
type OpenSettings = "images" | "testImages" | "channels" | "epochs" | "side";

/** Settings to begin with. Those that depend on the data may be left open. */
export type PresetSettings = Omit<TrainSettings, OpenSettings> & Partial<TrainSettings>;

/** The settings of the chapter, for a hardware adapter. */
export const chapter: TrainSettings = {
  side: 224,
  batchSize: 128,
  epochs: 5,
  images: 60_000,
  learningRate: 0.001,
  warmup: 0,
  schedule: "constant",
  optimizer: "adam",
  momentum: 0.9,
  dropout: 0.5,
  init: "pytorch",
  seed: 0,
  shuffle: true,
  mean: 0,
  std: 1,
  testImages: 10_000,
  data: "fashion-mnist",
  validation: 0,
  balance: false,
  model: "alexnet",
  activation: "relu",
  freeze: "",
  channels: 1,
  resize: "stretch",
  orientation: "apply",
  onBadRecord: "fail",
  augment: "none",
  pipeline: "",
  mixup: 0,
  cutmix: 0,
  accumulate: 1,
  loss: "cross-entropy",
  labelSmoothing: 0,
  classWeights: false,
  nesterov: false,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 0,
  amsgrad: false,
  alpha: 0.99,
  centered: false,
  rho: 0.9,
  dampening: 0,
  learningRateDecay: 0,
  initialSum: 0,
  weightDecay: 0,
  clip: 0,
  ema: 0,
  best: "accuracy",
  patience: 0,
  views: "one",
};

/** Describes the model that a run trains. */
export const toModelConfig = (
  { model, side, channels, dropout, activation, mean, std, resize, orientation, views }:
    TrainSettings,
  { classNames, hash }: {
    readonly classNames: readonly string[];
    readonly hash?: string | undefined;
  },
): ModelConfig => ({
  name: model,
  ...hash !== undefined && { hash },
  side,
  channels,
  classes: classNames.length,
  classNames,
  ...findNetwork(model)?.choices.dropout !== undefined && { dropout },
  ...findNetwork(model)?.choices.activation !== undefined && { activation },
  mean,
  std,
  resize,
  orientation,
  views,
});

/** Settings as a run saved them: runs before the first release left some out, and called the schedule decay. */
export type SavedSettings =
  & Partial<TrainSettings>
  & { readonly decay?: "none" | "linear"; readonly deviation?: number };

/** Adds what an older run left out: it was of the chapter's network on its data. */
export function completeSaved({ decay, deviation, ...saved }: SavedSettings): TrainSettings {
  return {
    ...chapter,
    ...decay !== undefined && { schedule: decay === "none" ? "constant" : decay },
    ...deviation !== undefined && { std: deviation },
    ...saved,
  };
}
