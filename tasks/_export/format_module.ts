import type { LayerNode, Network } from "../../models/mod.ts";
import { UsageError } from "../_cli/errors.ts";

/** The lines of a PyTorch module while they are made: of its constructor, and of what it computes. */
interface Lines {
  readonly made: string[];
  readonly computed: string[];
  count: number;
}

/** Formats the module of a layer without others in it, or gives nothing for a kind that has no such module. */
type Leaf = (node: LayerNode, settings: Settings) => string;

/** Reads a layer's settings as Python writes them. */
type Settings = (name: string) => string;

const channelsOf = ({ inputShape }: LayerNode): number => inputShape.at(-1) ?? 1;

const formatBoolean = (value: string): string => value === "true" ? "True" : "False";

/** Settings of windows, the padding aside, which may differ by side. */
const formatPool = (name: string) => (_: LayerNode, get: Settings): string =>
  `nn.${name}(${get("poolSize")}, stride=${get("strides")}, padding=${get("padding")}, ` +
  `ceil_mode=${formatBoolean(get("ceilMode"))}`;

const formatNorm = (name: string): Leaf => (node, get) =>
  `nn.${name}(${channelsOf(node)}, eps=${get("epsilon")}, affine=${formatBoolean(get("affine"))})`;

const LEAVES: Readonly<Record<string, Leaf>> = {
  adaptiveAvgPool2d: (_, get) => `nn.AdaptiveAvgPool2d(${get("outputSize")})`,
  avgPool2d: (node, get) =>
    `${formatPool("AvgPool2d")(node, get)}, count_include_pad=${
      formatBoolean(get("countPadding"))
    })`,
  batchNorm1d: formatNorm("BatchNorm1d"),
  batchNorm2d: formatNorm("BatchNorm2d"),
  conv2d: (node, get) =>
    `nn.Conv2d(${channelsOf(node)}, ${get("filters")}, ${get("kernelSize")}, ` +
    `stride=${get("strides")}, padding=${get("padding")}, dilation=${get("dilation")}, ` +
    `groups=${get("groups")}, bias=${formatBoolean(get("bias"))})`,
  flatten: () => "nn.Flatten()",
  gelu: (_, get) => `nn.GELU(approximate="${get("approximate")}")`,
  globalAvgPool2d: () => "nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten())",
  leakyRelu: (_, get) => `nn.LeakyReLU(${get("slope")})`,
  linear: (node, get) =>
    `nn.Linear(${channelsOf(node)}, ${get("units")}, bias=${formatBoolean(get("bias"))})`,
  localResponseNorm: (_, get) =>
    `nn.LocalResponseNorm(${get("size")}, alpha=${get("alpha")}, beta=${get("beta")}, k=${
      get("k")
    })`,
  maxPool2d: (node, get) => `${formatPool("MaxPool2d")(node, get)})`,
  relu: () => "nn.ReLU()",
  relu6: () => "nn.ReLU6()",
  sigmoid: () => "nn.Sigmoid()",
  silu: () => "nn.SiLU()",
  tanh: () => "nn.Tanh()",
};

/** Kinds that do nothing in use. */
const NOTHING: readonly string[] = ["dropout", "identity"];

/** Formats a network as a module of PyTorch, as it is in use, with parameters of the same names. Throws a UsageError for a layer that has none. */
export function formatModule({ root }: Pick<Network, "root">): string {
  const lines: Lines = { made: [], computed: [], count: 0 };
  const output = addLayer(root, "x", lines);
  const indent = (line: string) => `        ${line}`;
  return [
    "class Network(nn.Module):",
    "    def __init__(self):",
    indent("super().__init__()"),
    ...lines.made.map(indent),
    "",
    "    def add(self, name, module):",
    indent('"""Adds a module under a name with dots in it."""'),
    indent('*path, last = name.split(".")'),
    indent("parent = self"),
    indent("for part in path:"),
    indent("    if not hasattr(parent, part):"),
    indent("        parent.add_module(part, nn.Module())"),
    indent("    parent = getattr(parent, part)"),
    indent("parent.add_module(last, module)"),
    "",
    "    def forward(self, x):",
    ...lines.computed.map(indent),
    indent(`return ${output}`),
    "",
  ].join("\n");
}

/** Adds a layer's lines, and gives the name of its output. */
function addLayer(node: LayerNode, x: string, lines: Lines): string {
  const { children, kind, name } = node;
  if (!kind) throw refuse(node, "it has no kind, by which it would be known");
  const compute = (value: string): string => {
    const output = `x${++lines.count}`;
    lines.computed.push(`${output} = ${value}`);
    return output;
  };
  if (NOTHING.includes(kind.type)) return x;
  if (kind.type === "sequential" || kind.type === "inUse") {
    return children.reduce((value, child) => addLayer(child, value, lines), x);
  }
  if (kind.type === "residual") {
    const [body, shortcut] = children.map((child) => addLayer(child, x, lines));
    return compute(`${body} + ${shortcut ?? x}`);
  }
  if (kind.type === "parallel") {
    const outputs = children.map((child) => addLayer(child, x, lines));
    if (kind.attributes.combine === "add") return compute(outputs.join(" + "));
    if (kind.attributes.combine === "concatenate") {
      return compute(`torch.cat([${outputs.join(", ")}], 1)`);
    }
  }
  const format = Object.hasOwn(LEAVES, kind.type) ? LEAVES[kind.type] : undefined;
  if (!format) throw refuse(node, `its kind ${kind.type} has no module there`);
  const [top = 0, bottom = 0, left = 0, right = 0] = kind.attributes.padding as number[] ?? [];
  const isEven = top === bottom && left === right;
  if (!isEven && kind.type !== "conv2d") throw refuse(node, "its padding differs by side");
  const module = format(node, (setting) => {
    if (setting === "padding") return isEven ? `(${top}, ${left})` : "0";
    const value = kind.attributes[setting];
    if (value === undefined) throw refuse(node, `its kind ${kind.type} lacks ${setting}`);
    return Array.isArray(value) ? `(${value.join(", ")})` : String(value);
  });
  const own = name || "layer";
  lines.made.push(`self.add(${JSON.stringify(own)}, ${module})`);
  const input = isEven ? x : `nn.functional.pad(${x}, (${left}, ${right}, ${top}, ${bottom}))`;
  return compute(`self.get_submodule(${JSON.stringify(own)})(${input})`);
}

const refuse = ({ name, layer }: LayerNode, reason: string): UsageError =>
  new UsageError(`Cannot write layer ${name || "(top)"}, ${layer}, for PyTorch: ${reason}`);
