import { UsageError } from "../_cli/errors.ts";
import { describeModel, type OpenedModel } from "../_evaluate/open_model.ts";
import { loadModel } from "../_model/load_model.ts";
import { planUse } from "../_model/views.ts";
import { getOrThrow } from "../../models/mod.ts";
import { formatModule } from "./format_module.ts";

/** The networks that torchvision has too, as it describes them. */
const TORCHVISION: Readonly<Record<string, string>> = {
  "alexnet-torchvision": "alexnet",
  densenet121: "densenet121",
  googlenet: "googlenet",
  "mobilenet-v2": "mobilenet_v2",
  resnet18: "resnet18",
  resnet34: "resnet34",
  resnet50: "resnet50",
  "squeezenet1-1": "squeezenet1_1",
  vgg11: "vgg11",
  "vgg11-bn": "vgg11_bn",
  vgg16: "vgg16",
  "vgg16-bn": "vgg16_bn",
};

/** Reads a safetensors file, whose package isn't everywhere. */
const READER = `
def load(path):
    """Reads the tensors of a file, as safetensors.torch.load_file does."""
    with open(path, "rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        data = file.read()
    header.pop("__metadata__", None)
    state = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        dtype = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8"}[entry["dtype"]]
        values = numpy.frombuffer(data[begin:end], dtype=dtype).copy()
        state[name] = torch.from_numpy(values).reshape(entry["shape"])
    return state
`;

/** Formats a program in Python that loads a checkpoint in PyTorch: torchvision's network, or one that is written out. */
export async function formatPytorch(opened: OpenedModel): Promise<string> {
  const { model, path, tensors } = opened;
  if (!/\.safetensors$/.test(path)) {
    throw new UsageError(
      `Cannot use --pytorch with ${path} as torch.load reads it: it is PyTorch's own`,
    );
  }
  const known = TORCHVISION[model.name];
  const made = known === undefined
    ? { code: `\n${formatModule(getOrThrow(await loadModel(model)()))}\n`, name: "Network()" }
    : { code: "", name: `torchvision.models.${known}(${listArguments(known, model.classes)})` };
  const { side, channels, mean, std } = planUse(model);
  const inputs = `[n, ${channels}, ${side}, ${side}]`;
  const format = (numbers: number | readonly number[]) => `[${[numbers].flat().join(", ")}]`;
  const total = Object.values(tensors).reduce((sum, { data }) => sum + data.length, 0);
  const needs = ["numpy", "torch"];
  if (known !== undefined || model.views === "ten-crop") needs.push("torchvision");
  return `# ${describeModel(opened)[0]!.replace("model: ", "")}: ${
    total.toLocaleString("en-US")
  } numbers.
# Needs ${needs.join(", ").replace(/, (\w+)$/, " and $1")}.
import json
import os

${needs.map((name) => `import ${name}`).join("\n")}${known ? "" : "\nfrom torch import nn"}

${READER}
${made.code}
network = ${made.name}
# From the folder in which this program lies, wherever it is run.
here = os.path.abspath(os.path.dirname(globals().get("__file__", "")))
network.load_state_dict(load(os.path.join(here, ${JSON.stringify(path)})))
network.eval()


def prepare(images):
    """Makes the network's input of bytes, ${inputs}${channels === 3 ? ", RGB" : ""}."""
    mean = torch.tensor(${format(mean)}).reshape(1, -1, 1, 1)
    std = torch.tensor(${format(std)}).reshape(1, -1, 1, 1)
    return (images.float() / 255 - mean) / std


@torch.no_grad()
def predict(images):
    """Gives the ${formatPrediction(model.views)} for each image."""
${formatViews(model.views, model.side)}


${
    model.classNames
      ? `classes = ${formatList(model.classNames)}\n`
      : ""
  }print(predict(prepare(torch.zeros(1, ${channels}, ${side}, ${side}, dtype=torch.uint8))))`;
}

const formatList = (names: readonly string[]): string =>
  `[${names.map((name) => JSON.stringify(name)).join(", ")}]`;

const listArguments = (name: string, classes: number): string =>
  `${name === "googlenet" ? "aux_logits=False, init_weights=False, " : ""}num_classes=${classes}`;

type Views = OpenedModel["model"]["views"];

const formatPrediction = (views: Views): string =>
  views === undefined || views === "one"
    ? "logits"
    : "logarithms of the mean probabilities of several views";

/** Formats the body of what computes with a batch. */
function formatViews(views: Views, side: number): string {
  if (views === undefined || views === "one") return "    return network(images)";
  const list = views === "flip" ? ["    views = [images, images.flip(3)]"] : [
    `    crops = torchvision.transforms.functional.ten_crop(images, ${side})`,
    "    views = list(crops)",
  ];
  return [
    ...list,
    "    logs = torch.stack([network(view).log_softmax(1) for view in views])",
    "    return logs.logsumexp(0) - torch.tensor(float(len(views))).log()",
  ].join("\n");
}
