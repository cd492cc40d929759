import type { TrainingPosition } from "../../models/mod.ts";
import { computeShorterSide } from "../_data/prepare/preprocessing.ts";
import { planUse } from "../_model/views.ts";
import { getTitle, type ModelConfig } from "../_model/model_config.ts";

/** How the best parameters of a run did on the test images. */
export interface TestScore {
  readonly accuracy: number;
  readonly loss: number;
  readonly images: number;
}

/** What a page on a run tells. */
export interface CardFacts {
  readonly model: ModelConfig;
  /** The settings of the training by their names. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** The number of training images. */
  readonly images: number | undefined;
  readonly history: TrainingPosition["history"];
  readonly test: TestScore | undefined;
  readonly license: string | undefined;
}

/** The settings that are told of the training, where they are something. */
const RECIPE = [
  ...["optimizer", "learningRate", "schedule", "warmup", "batchSize", "epochs", "weightDecay"],
  ...["momentum", "augment", "mixup", "cutmix", "labelSmoothing", "dropout", "loss", "clip"],
  ...["ema", "best", "seed"],
];

/** Formats the page that tells of a run, with the fields that sites for models read at its top. */
export function formatCard(facts: CardFacts): string {
  const { model, settings, images, history, license } = facts;
  const title = getTitle(model.name);
  const data = escapeText(String(settings.data ?? "data that isn't named"));
  const recipe = RECIPE.filter((name) =>
    ![undefined, 0, "", "none"].includes(settings[name] as string)
  );
  const classes = model.classNames?.map(escapeText).join(", ");
  return `---
license: ${license ?? UNKNOWN}
library_name: rill
pipeline_tag: image-classification
metrics:
  - accuracy
---

# ${escapeText(title)} on ${data}

Tells ${model.classes} classes apart${classes === undefined ? "" : `: ${classes}`}.

License: ${
    license === undefined || license === UNKNOWN
      ? "not said yet; \`deno task export --card\` with \`--license NAME\` names it"
      : license
  }.

## Data

${
    images === undefined
      ? ""
      : `${images.toLocaleString("en-US")} training images of `
  }\`${data}\`. ${describeInput(model)}

## Recipe

| setting | value |
| ------- | ----- |
${recipe.map((name) => `| ${name} | ${escapeText(String(settings[name]))} |`).join("\n")}

## Scores

${formatScores(history, facts.test)}

## Use

RUN is this folder. In Rill:

\`\`\`sh
deno task predict --checkpoint RUN picture.jpg
\`\`\`

In PyTorch, by a program that loads the file:

\`\`\`sh
deno task export --checkpoint RUN --pytorch > model.py
\`\`\`

As ONNX, with classes and preprocessing in the file's metadata:

\`\`\`sh
deno task export --checkpoint RUN --onnx model.onnx
\`\`\`

`;
}

/** What stands for a license that nobody has named. */
const UNKNOWN = "unknown";

/** Writes a text so that nothing in it is markup, and it stays in its line. */
const escapeText = (text: string): string =>
  text.replace(/\s+/g, " ").replace(/[\\`*_[\]<>|#]/g, "\\$&");

function describeInput(model: ModelConfig): string {
  const { side, channels, mean, std, resize, shorterSide } = planUse(model);
  const size = resize === "crop"
    ? `the middle ${side} x ${side} pixels, the shorter side resized to ${
      shorterSide ?? computeShorterSide(side)
    }`
    : `${side} x ${side} pixels`;
  const format = (numbers: number | readonly number[]) => [numbers].flat().join(", ");
  return `Pictures are ${channels === 1 ? "gray" : "RGB"}, ${size}; samples from 0 to 1, minus ${
    format(mean)
  }, divided by ${format(std)}.`;
}

function formatScores(history: CardFacts["history"], test: TestScore | undefined): string {
  const format = (value: number | undefined) => value === undefined ? "" : value.toFixed(4);
  const rows = history.map(({ epoch, training, validation }) =>
    [
      `| ${epoch + 1} | ${format(training.loss)} | ${format(training.accuracy)} `,
      `| ${format(validation?.loss)} | ${format(validation?.accuracy)} |`,
    ].join("")
  );
  const tested = test &&
    `Accuracy ${format(test.accuracy)} and loss ${format(test.loss)} on ${
      test.images.toLocaleString("en-US")
    } test images, which were used for no choice.\n\n`;
  return `${
    tested ?? ""
  }| epoch | training loss | training accuracy | held-out loss | held-out accuracy |
| ----- | ------------- | ----------------- | ------------- | ----------------- |
${rows.join("\n")}

Held-out images are those by which the best parameters were chosen.`;
}
