import type { TrainingPosition } from "../../models/mod.ts";
import { computeShorterSide } from "../_data/prepare/preprocessing.ts";
import { isCodeFile } from "../_model/networks.ts";
import { isUsed } from "../_model/used_settings.ts";
import { planUse } from "../_model/views.ts";
import { getTitle, type ModelConfig } from "../_model/model_config.ts";
import { formatProgram, PACKAGE } from "./format_program.ts";

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
  /** The name of the file in the run's folder that has its best parameters; undefined where nothing was saved yet. */
  readonly file: string | undefined;
}

/** The settings that are told of the training, where they are something. */
const RECIPE = [
  ...["optimizer", "learningRate", "schedule", "warmup", "batchSize", "epochs", "weightDecay"],
  ...["momentum", "augment", "mixup", "cutmix", "labelSmoothing", "dropout", "loss", "clip"],
  ...["ema", "best", "seed"],
];

/** Formats the page that tells of a run, with the fields that sites for models read at its top. */
export function formatCard(facts: CardFacts): string {
  const { model, settings, images, license } = facts;
  const title = getTitle(model.name);
  const data = escapeText(String(settings.data ?? "data that isn't named"));
  const recipe = RECIPE.filter((name) => isUsed(name, { ...settings, model: model.name }));
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
      : `${images.toLocaleString("en-US")} training images${
        settings.onBadRecord === "skip" ? ", less the broken ones," : ""
      } of `
  }\`${data}\`. ${describeInput(model)}

## Recipe

| setting | value |
| ------- | ----- |
${recipe.map((name) => `| ${name} | ${escapeText(String(settings[name]))} |`).join("\n")}

## Scores

${formatScores(facts)}

## Use

${formatUse(facts)}

`;
}

/** What stands for a license that nobody has named. */
const UNKNOWN = "unknown";

/** Writes a text so that nothing in it is markup, and it stays in its line. */
const escapeText = (text: string): string =>
  text.replace(/\s+/g, " ").replace(/[\\`*_[\]<>|#]/g, "\\$&");

/** Formats how the checkpoint is loaded by others, who have its folder and nothing else. */
function formatUse({ model, file }: CardFacts): string {
  if (file === undefined) return "There are no parameters to use yet: no epoch has ended.";
  const block = (language: string, ...lines: string[]) =>
    `\`\`\`${language}\n${lines.join("\n")}\n\`\`\`\n`;
  const rill = `deno run -A ${PACKAGE}/cli`;
  const { side, channels } = planUse(model);
  const code = isCodeFile(model.name)
    ? `The network is described by a file of its own, ${
      escapeText(model.name)
    }, which has to be at hand.\n\n`
    : "";
  return [
    `${code}All of this is run in the folder of this page. It needs [Deno](https://deno.com); in a checkout of Rill \`deno task\` stands for \`${rill}\`, and the folder's path for the dot. Rill comes from JSR from its first release on; until then a checkout stands for it, with \`--config rill/deno.json\`, the path of its file, behind each \`deno run\`.\n`,
    "### Rill\n",
    block("sh", `${rill} predict --checkpoint . picture.jpg`),
    "As a program, `predict.ts`, run with `deno run --allow-read predict.ts picture.jpg`:\n",
    block("ts", formatProgram(model, file)),
    "### PyTorch\n",
    block("sh", `${rill} export --checkpoint . --pytorch > model.py`),
    block(
      "python",
      "import torch",
      ...["from model import predict, prepare", ""],
      `images = torch.zeros(1, ${channels}, ${side}, ${side}, dtype=torch.uint8)  # ${
        channels === 1 ? "gray" : "RGB"
      }`,
      "print(predict(prepare(images)))",
    ),
    "### ONNX\n",
    "The file's metadata have the classes, and how images are prepared.\n",
    block("sh", `${rill} export --checkpoint . --onnx model.onnx`),
    block(
      "python",
      ...["import numpy", "import onnxruntime", ""],
      'session = onnxruntime.InferenceSession("model.onnx")',
      "print(session.get_modelmeta().custom_metadata_map)",
      `images = numpy.zeros([1, ${channels}, ${side}, ${side}], numpy.float32)  # prepared`,
      "print(session.run(None, {session.get_inputs()[0].name: images})[0])",
    ),
  ].join("\n").trimEnd();
}

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

function formatScores({ history, test, settings }: CardFacts): string {
  const { epochs } = settings;
  if (history.length === 0) return "No epoch has ended yet.";
  const format = (value: number | undefined) => value === undefined ? "" : value.toFixed(4);
  const rows = history.map(({ epoch, training, validation }) =>
    [
      `| ${epoch + 1} | ${format(training.loss)} | ${format(training.accuracy)} `,
      `| ${format(validation?.loss)} | ${format(validation?.accuracy)} |`,
    ].join("")
  );
  const parts = [
    ...test === undefined ? [] : [
      `Accuracy ${format(test.accuracy)} and loss ${format(test.loss)} on ${
        test.images.toLocaleString("en-US")
      } test images, which were used for no choice.`,
    ],
    ...typeof epochs === "number" && history.length < epochs
      ? [`${history.length} of ${epochs} epochs have ended.`]
      : [],
    `| epoch | training loss | training accuracy | held-out loss | held-out accuracy |
| ----- | ------------- | ----------------- | ------------- | ----------------- |
${rows.join("\n")}`,
    "Held-out images are those by which the best parameters were chosen.",
  ];
  return parts.join("\n\n");
}
