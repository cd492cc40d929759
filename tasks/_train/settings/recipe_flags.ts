import {
  booleanFlag,
  choiceFlag,
  type Flag,
  integerFlag,
  listIn,
  numberFlag,
  numbersFlag,
  pathFlag,
  textFlag,
} from "../../_cli/flags.ts";
import { networkNames } from "../../_model/networks.ts";
import { presets } from "./presets.ts";
import {
  augmentNames,
  bestNames,
  chapter,
  optimizerNames,
  type TrainSettings,
} from "./train_settings.ts";

/** Formats the default of a setting: the chapter's, and those of other presets that are taken by themselves. */
function formatDefault(key: keyof typeof chapter): string {
  const { quick, pictures }: Record<string, Partial<TrainSettings>> = presets;
  const usual = String(chapter[key]);
  const others = [
    [quick?.[key], "without a GPU"],
    [pictures?.[key], "for pictures"],
  ].filter(([value]) => value !== undefined && String(value) !== usual);
  return [usual, ...others.map((words) => words.join(" "))].join("; ");
}

/** More than anybody trains: with all images the steps of so many epochs can still be counted exactly. */
const MOST_EPOCHS = 1_000_000;

/** A flag for each setting that isn't about the data alone. */
type RecipeFlags = {
  readonly [Key in Exclude<keyof TrainSettings, DataKey>]: Flag<
    TrainSettings[Key] | (Key extends "mean" | "std" ? "auto" : never)
  >;
};

/** The settings whose flags other tasks have too. */
export type DataKey =
  | "data"
  | "validation"
  | "images"
  | "testImages"
  | "onBadRecord"
  | "resize"
  | "orientation";

/** The flags of the settings on which a run's result depends, but for those of the data. */
export const recipeFlags = {
  ...listIn("Images", {
    side: integerFlag({
      least: 1,
      most: 4096,
      help: "Side to which the images are resized, in pixels; 67 is the smallest for alexnet",
      shownDefault: `${formatDefault("side")}; 64 for pictures`,
    }),
    channels: choiceFlag([1, 3], {
      help: "Channels that the network gets: 1, grey, or 3, colour",
      shownDefault: "those of the data",
    }),
    mean: numbersFlag({
      help:
        "Subtracted from the samples once they are divided by 255: a number, one for each channel with commas between, " +
        "or auto: computed from the training images, once; kept in the checkpoint",
      shownDefault: formatDefault("mean"),
    }),
    std: numbersFlag({
      above: 0,
      help: "Divides the samples after that, likewise",
      shownDefault: formatDefault("std"),
    }),
    shuffle: booleanFlag({
      negatable: true,
      help: "Put the images in a new order each epoch",
      shownDefault: "shuffle",
    }),
    balance: booleanFlag({
      negatable: true,
      help: "Draw all classes alike often, however many images they have",
      shownDefault: "no-balance",
    }),
    augment: choiceFlag(augmentNames, {
      help:
        "How training images are changed at random. flip: half of them mirrored; light: also shifted; standard: mirrored and cropped at random sizes; " +
        "strong: also one of 14 operations and a rectangle erased; alexnet: the 2012 paper's crops, mirror images and lighting. " +
        "All mirror images: digits and letters want a --pipeline of their own",
      shownDefault: formatDefault("augment"),
    }),
    pipeline: pathFlag({
      placeholder: "FILE.ts",
      help:
        "A file whose default export gives the stage that changes training images, in place of --augment",
      shownDefault: "none",
    }),
    mixup: numberFlag({
      least: 0,
      help: "Mix images with others: the parameter of the shares' beta distribution, such as 0.2",
      shownDefault: "0, not at all",
    }),
    cutmix: numberFlag({
      least: 0,
      help:
        "Put a rectangle of another into images: the parameter of its share's beta distribution, such as 1",
      shownDefault: "0, not at all",
    }),
    views: choiceFlag(["one", "flip", "ten-crop"], {
      help:
        "What a prediction is the average of: the image, that and its mirror image, or ten crops of it",
      shownDefault: "one; ten-crop with --augment alexnet",
    }),
  }),
  ...listIn("Network", {
    model: textFlag({
      placeholder: "NAME|FILE.ts",
      help:
        `The network: ${networkNames.join(", ")}; or a file whose default export is a function ` +
        "({ classes, channels, side }) => Layer",
      shownDefault: formatDefault("model"),
    }),
    dropout: numberFlag({
      least: 0,
      below: 1,
      help:
        "Probability that a feature of the hidden linear layers is dropped, in networks that have such",
      shownDefault: formatDefault("dropout"),
    }),
    activation: choiceFlag(["relu", "sigmoid"], {
      help: "What is between the layers of alexnet and lenet",
      shownDefault: "relu; sigmoid for lenet, as in the book",
    }),
    init: choiceFlag(["pytorch", "kaiming", "xavier"], {
      help: "How the parameters are drawn: PyTorch's default, Kaiming normal or Xavier uniform",
      shownDefault: formatDefault("init"),
    }),
    freeze: textFlag({
      placeholder: "PATTERN,…",
      help:
        'Parameters that stay as they are, by name, with * for anything: "conv.*". What is frozen whole is computed as in use: ' +
        "without dropout, and batch normalization keeps its statistics",
      shownDefault: "none",
    }),
  }),
  ...listIn("Training", {
    epochs: integerFlag({
      least: 1,
      most: MOST_EPOCHS,
      help: "Passes over the training images",
      shownDefault: `${
        formatDefault("epochs")
      }; 3 to 30 for pictures, the more the fewer there are`,
    }),
    batchSize: integerFlag({
      least: 1,
      most: 65536,
      help: "Images in a batch",
      shownDefault: formatDefault("batchSize"),
    }),
    accumulate: integerFlag({
      least: 1,
      most: 65536,
      help: "Batches whose gradients make one update",
      shownDefault: "1",
    }),
    optimizer: choiceFlag(optimizerNames, {
      help: "How parameters are updated",
      shownDefault: formatDefault("optimizer"),
    }),
    learningRate: numberFlag({
      above: 0,
      help: "Step size of the optimizer",
      shownDefault: formatDefault("learningRate"),
    }),
    warmup: integerFlag({
      least: 0,
      help: "Steps over which the learning rate rises to its value",
      shownDefault: formatDefault("warmup"),
    }),
    schedule: choiceFlag(["constant", "linear", "cosine", "one-cycle"], {
      help:
        "How the learning rate goes on from there, to 0 after the last epoch, but for constant. " +
        "one-cycle has a rise of its own, over 0.3 of the run",
      shownDefault: formatDefault("schedule"),
    }),
    momentum: numberFlag({
      least: 0,
      below: 1,
      help: "Momentum of sgd and rmsprop",
      shownDefault: formatDefault("momentum"),
    }),
    nesterov: booleanFlag({
      negatable: true,
      help: "Nesterov's momentum for sgd",
      shownDefault: "no-nesterov",
    }),
    beta1: numberFlag({
      least: 0,
      below: 1,
      help: "Decay of the running mean of gradients of adam and adamw",
      shownDefault: formatDefault("beta1"),
    }),
    beta2: numberFlag({
      least: 0,
      below: 1,
      help: "Decay of the running mean of their squares",
      shownDefault: formatDefault("beta2"),
    }),
    amsgrad: booleanFlag({
      negatable: true,
      help: "The largest of adam's and adamw's running means of squares divides, not the last",
      shownDefault: "no-amsgrad",
    }),
    alpha: numberFlag({
      least: 0,
      below: 1,
      help: "Decay of the running mean of squared gradients of rmsprop",
      shownDefault: formatDefault("alpha"),
    }),
    centered: booleanFlag({
      negatable: true,
      help: "Divide rmsprop's gradients by their standard deviation, not their root mean square",
      shownDefault: "no-centered",
    }),
    rho: numberFlag({
      least: 0,
      below: 1,
      help: "Decay of the running means of adadelta",
      shownDefault: formatDefault("rho"),
    }),
    dampening: numberFlag({
      least: 0,
      below: 1,
      help: "By how much less than 1 sgd multiplies a gradient that it adds to its momentum",
      shownDefault: formatDefault("dampening"),
    }),
    learningRateDecay: numberFlag({
      least: 0,
      help: "How adagrad's step size shrinks: it is divided by 1 and so much for each step made",
      shownDefault: formatDefault("learningRateDecay"),
    }),
    initialSum: numberFlag({
      least: 0,
      help: "What adagrad's sum of squares begins with",
      shownDefault: formatDefault("initialSum"),
    }),
    epsilon: numberFlag({
      least: 0,
      help: "What optimizers but sgd add to the number that divides",
      shownDefault: "0: 1e-8; 1e-10 for adagrad, 1e-6 for adadelta",
    }),
    weightDecay: numberFlag({
      least: 0,
      help: "How much parameters shrink; biases and the parameters of normalizations don't",
      shownDefault: formatDefault("weightDecay"),
    }),
    clip: numberFlag({
      least: 0,
      help: "The largest norm of all gradients together",
      shownDefault: "0, any",
    }),
    ema: numberFlag({
      least: 0,
      below: 1,
      help:
        "Decay of the running average of the parameters that is evaluated and saved as best, such as 0.99",
      shownDefault: "0, none",
    }),
    loss: choiceFlag(["cross-entropy", "binary-cross-entropy", "mse"], {
      help: "What is made small; the last two take a class for an output that is 1",
      shownDefault: formatDefault("loss"),
    }),
    labelSmoothing: numberFlag({
      least: 0,
      below: 1,
      help: "Share of a label that is spread over all classes",
      shownDefault: formatDefault("labelSmoothing"),
    }),
    classWeights: booleanFlag({
      negatable: true,
      help: "Let images of rare classes count more in the loss: the classes count alike",
      shownDefault: "no-class-weights",
    }),
    best: choiceFlag(bestNames, {
      help:
        "What decides which parameters are best: that of the validation images; of the test images where there are none. Of epochs " +
        "that are alike in it the one with the lowest loss. balanced-accuracy: the mean of the classes' accuracies, for classes of unequal sizes",
      shownDefault: formatDefault("best"),
    }),
    patience: integerFlag({
      least: 0,
      most: MOST_EPOCHS,
      help: "End after so many epochs in which what --best names got no better",
      shownDefault: "0, never",
    }),
    seed: integerFlag({
      least: 0,
      help: "Seed of the parameters, of the order, of augmentation and of dropout",
      shownDefault: formatDefault("seed"),
    }),
  }),
} satisfies RecipeFlags;
