import { getOrThrow } from "../../models/mod.ts";
import { encodeOnnx } from "../../models/onnx/encode_onnx.ts";
import type { OpenedModel } from "../_evaluate/open_model.ts";
import { computeShorterSide } from "../_data/prepare/preprocessing.ts";
import { writeFileAtomically } from "../_files/files.ts";
import { planUse } from "../_model/views.ts";
import { getTitle, type ModelConfig } from "../_model/model_config.ts";

/** What ONNX files of ours begin with: the version of the format, and who has made it. Others are not overwritten. */
export const ONNX_BEGINNING: Uint8Array = Uint8Array.of(
  8,
  8,
  18,
  4,
  ...new TextEncoder().encode("rill"),
);

/** Writes a network as an ONNX file, and gives the line that tells of it. */
export async function writeOnnx(
  path: string,
  { model, network, tensors }: OpenedModel,
): Promise<string> {
  const bytes = getOrThrow<Error, Uint8Array>(encodeOnnx(network, tensors, {
    description: `${getTitle(model.name)}, which tells ${model.classes} classes apart`,
    metadata: describeUse(model),
  }));
  await writeFileAtomically(path, [bytes]);
  const [height, width, channels] = network.inputShape;
  const shape = `batch x ${channels} x ${height} x ${width}`;
  return `onnx: saved to ${path}, ${(bytes.length / 1e6).toFixed(1)} MB, for input ${shape}`;
}

/** Describes for another program how images become the network's input, and what its output means. */
export function describeUse(model: ModelConfig): Record<string, string> {
  const { side, channels, mean, std, resize, shorterSide, orientation } = planUse(model);
  const colors = channels === 1 ? "gray" : "RGB";
  const preprocessing = {
    side,
    channels: colors,
    resize,
    ...resize === "crop" && { shorterSide: shorterSide ?? computeShorterSide(side) },
    orientation,
    filter: "bilinear",
    scale: "1/255",
    mean,
    std,
    layout: "NCHW",
  };
  const output = model.views === undefined || model.views === "one"
    ? "logits"
    : "logarithms of the mean probabilities of several views of the image";
  return {
    input:
      `float32, NCHW, ${colors}, ${side} x ${side}: (sample / 255 - mean) / std, see preprocessing`,
    output: `${output}, one for each class: softmax makes probabilities of them`,
    preprocessing: JSON.stringify(preprocessing),
    ...model.classNames && { classes: JSON.stringify(model.classNames) },
  };
}
