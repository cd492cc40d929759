import denoJson from "../../deno.json" with { type: "json" };
import { computeShorterSide } from "../_data/prepare/preprocessing.ts";
import type { ModelConfig } from "../_model/model_config.ts";
import { isCodeFile } from "../_model/networks.ts";
import { planUse } from "../_model/views.ts";

/** The package as programs elsewhere import it: this version, and what is compatible with it. */
export const PACKAGE = `jsr:${denoJson.name}@^${denoJson.version}`;

/** Formats a program that tells by a checkpoint what is on pictures, for a folder with the checkpoint in it. */
export function formatProgram(model: ModelConfig, file: string): string {
  const { side, channels, mean, std, resize, shorterSide, orientation } = planUse(model);
  const size = `{ height: ${side}, width: ${side} }`;
  const code = isCodeFile(model.name)
    ? { name: "describe({ classes, channels, side })", from: model.name.replace(/^.*[\\/]/, "") }
    : { name: `models.${formatNetwork(model)}` };
  const layer = model.views === "flip"
    ? `models.averageFlips(${code.name})`
    : model.views === "ten-crop"
    ? `models.averageTenCrops(${code.name}, { size: ${model.side} })`
    : code.name;
  const isCropped = resize === "crop";
  const stages = isCropped
    ? "centerCrop, mapImage, normalize, resizeShorterSide"
    : "normalize, resize";
  const sized = isCropped
    ? [
      `const resized = mapImage((image) => resizeShorterSide(image, { side: ${
        shorterSide ?? computeShorterSide(side)
      } }))(decoded);`,
      `const sized = centerCrop(${size})(resized);`,
    ]
    : [`const sized = resize(${size})(decoded);`];
  const names = model.classNames ?? Array.from({ length: model.classes }, (_, i) => String(i));
  return [
    `import * as models from "${PACKAGE}/models";`,
    `import { batch, ${stages} } from "${PACKAGE}/pipelines";`,
    `import { decodeImage } from "${PACKAGE}/pipelines/decode-image";`,
    ...code.from === undefined
      ? []
      : [`import describe from ${JSON.stringify(`./${code.from}`)}; // the network's own file`],
    "",
    `const classNames = ${JSON.stringify(names)};`,
    ...code.from === undefined
      ? []
      : [`const [classes, channels, side] = [${model.classes}, ${channels}, ${model.side}];`],
    "await using _backend = await models.openBackend();",
    `const file = await Deno.readFile(${JSON.stringify(file)});`,
    "const { tensors } = models.getOrThrow(models.decodeSafetensors(file));",
    `const layer = ${layer};`,
    `const network = models.getOrThrow(models.build(layer, [${side}, ${side}, ${channels}]));`,
    "const variables = models.getOrThrow(models.importParams(network, tensors));",
    "",
    "async function* readFiles() {",
    "  for (const path of Deno.args) yield { bytes: await Deno.readFile(path), label: 0, path };",
    "}",
    "",
    `const decoded = decodeImage({ channels: ${channels}, orientation: "${orientation}" })(readFiles());`,
    ...sized,
    `const normalized = normalize({ mean: ${JSON.stringify(mean)}, std: ${
      JSON.stringify(std)
    } })(sized);`,
    "const paths = Deno.args.values();",
    "for await (const { images, size } of batch(16)(normalized)) {",
    "  const outputs = await models.predictStep(network)(variables, { images, size });",
    "  for (const index of models.topK(outputs, 1).indices) {",
    "    console.log(paths.next().value, classNames[index]);",
    "  }",
    "}",
  ].join("\n");
}

/** Formats the call that describes a network that tasks know, of the functions of `models`. */
export function formatNetwork({ name, channels, classes, activation }: ModelConfig): string {
  const own = name === "squeezenet1-1" ? "squeezenet1_1" : name
    .replace(/-bn$/, "")
    .replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
  const options = [
    ...name === "alexnet" ? [`channels: ${channels}`] : [],
    `classes: ${classes}`,
    ...activation === undefined ? [] : [`activation: "${activation}"`],
    ...name.endsWith("-bn") ? ["batchNorm: true"] : [],
  ];
  return `${own}({ ${options.join(", ")} })`;
}
