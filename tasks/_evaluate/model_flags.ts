import { choiceFlag, integerFlag, numberListFlag, pathFlag } from "../_cli/flags.ts";
import { networkNames } from "../_model/networks.ts";

/** The flags that describe the model of a file that doesn't do so itself: one of PyTorch's, or of another program. */
export const modelFlags = {
  model: pathFlag({
    placeholder: "NAME|FILE.ts",
    help: `The network, for a file that doesn't say it: ${
      networkNames.join(", ")
    }, or the file that describes it; or where the model file of a run is now`,
    shownDefault: "the file's own, else alexnet",
  }),
  classes: pathFlag({
    placeholder: "A,B,…|FILE",
    help:
      "The classes' names in order, for a file that doesn't say them or data that has others: " +
      "with commas between, or a text with one a line",
    shownDefault: "the file's own, else those of the data",
  }),
  side: integerFlag({
    least: 1,
    most: 4096,
    help: "Side of the images, for a file that doesn't say it",
    shownDefault: "the network's usual one; for alexnet 224 if the tensors fit it",
  }),
  channels: choiceFlag([1, 3], {
    help: "Channels of the images, for a file that doesn't say them",
    shownDefault: "as many as its tensors take",
  }),
  mean: numberListFlag({
    help: "Subtracted from the samples, one for all channels or one for each, " +
      "for a file that doesn't say it",
    shownDefault: "0",
  }),
  std: numberListFlag({
    above: 0,
    help: "Divides the samples, likewise",
    shownDefault: "1",
  }),
  resize: choiceFlag(["stretch", "crop"], {
    help: "Stretch images to the side whatever their proportions, or resize the shorter side to " +
      "256/224 of it and take the middle, for a file that doesn't say it",
    shownDefault: "stretch",
  }),
  orientation: choiceFlag(["apply", "ignore"], {
    help: "Turn pictures as their EXIF says, or leave them as torchvision does, " +
      "for a file that doesn't say it",
    shownDefault: "apply",
  }),
};
