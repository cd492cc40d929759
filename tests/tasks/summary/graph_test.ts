import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import * as rill from "@rill/rill/models";
import * as ops from "@rill/rill/models/ops";
import { networkNames, networks } from "../../../tasks/_model/networks.ts";
import { drawNetwork } from "../../../tasks/_summary/draw_network.ts";
import { type Item, toItem } from "../../../tasks/_summary/graph_items.ts";
import { runTask, withFolder } from "../_task.ts";

const buildOne = (layer: rill.Layer, shape: readonly number[]): rill.Network =>
  rill.getOrThrow(rill.build(layer, shape));

/** Writes an item in a line: boxes by their layers, columns with `>`, branches with `|`. */
function write(item: Item): string {
  switch (item.type) {
    case "box":
      return item.layers.map(({ layer }) => layer.replace(/\(.*/s, "")).join("+");
    case "column":
      return `(${item.items.map(write).join(item.isKnown ? " > " : " ? ")})`;
    case "branches":
      return `[${item.branches.map(write).join(" | ")}]${item.isResidual ? "~" : ""}${item.join}`;
    case "group":
      return `${item.nodes.map(({ name }) => name).join("=")}:${write(item.item)}`;
  }
}

const describe = (layer: rill.Layer, shape: readonly number[]): string =>
  write(toItem(buildOne(layer, shape).root));

const same = () => rill.conv2d({ filters: 4, kernelSize: 3, padding: 1 });

Deno.test("toItem() puts layers in sequence in a column, with what follows a product in its box", () => {
  assertEquals(
    describe(
      rill.sequential([
        same(),
        rill.batchNorm2d(),
        rill.relu(),
        rill.maxPool2d({ poolSize: 2 }),
        rill.identity(),
        rill.sequential([rill.flatten(), rill.linear(2)]),
      ]),
      [4, 4, 3],
    ),
    "(Conv2d+BatchNorm2d+ReLU > MaxPool2d > 5:(Flatten > Linear))",
  );
  assertEquals(describe(rill.linear(2), [3]), "Linear");
});

Deno.test("toItem() puts parallel layers side by side, and a residual connection beside its body", () => {
  assertEquals(
    describe(
      rill.sequential({
        a: rill.residual(rill.sequential([same(), same()])),
        b: rill.parallel([same(), same()], "add"),
        c: rill.residual(same(), { shortcut: rill.conv2d({ filters: 4, kernelSize: 1 }) }),
        d: rill.parallel({ x: rill.identity(), y: same() }),
      }),
      [4, 4, 4],
    ).replaceAll("Conv2d", "C"),
    "(a:[a.body:(C > C) | ()]~add > b:[C | C]add > c:[C | C]~add > d:[() | C]concatenate)",
  );
});

Deno.test("toItem() draws parts of the same kinds once, also where their inputs have other channels", () => {
  const block = () => rill.residual(rill.sequential([same(), same()]));
  assertEquals(
    describe(rill.sequential([same(), block(), block(), rill.flatten(), block()].slice(0, 4)), [
      4,
      4,
      3,
    ])
      .replaceAll("Conv2d", "C"),
    "(C > 1=2:[1.body:(C > C) | ()]~add > Flatten)",
  );
  const dense = () => rill.parallel({ input: rill.identity(), more: same() });
  assertEquals(
    describe(rill.sequential({ a: dense(), b: dense(), c: dense() }), [4, 4, 3]),
    "a=b=c:[() | Conv2d]concatenate",
  );
});

Deno.test("toItem() claims no order of layers that only their parent knows", () => {
  const both = rill.layer("Both()", (input, sub) => {
    const [a, b] = [sub("a", rill.linear(3), input), sub("b", rill.linear(3), input)];
    return { outputShape: [3], apply: (x, _, pass) => ops.add(a(x, pass), b(x, pass)) };
  });
  assertEquals(
    describe(rill.sequential({ both, last: rill.relu() }), [2]),
    "(both:(Linear ? Linear) > ReLU)",
  );
});

interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Reads the rectangles of a class. */
function readBoxes(svg: string, name: string): Box[] {
  const pattern = new RegExp(
    `<rect class="${name}" x="([\\d.-]+)" y="([\\d.-]+)" width="([\\d.-]+)" height="([\\d.-]+)"`,
    "g",
  );
  return [...svg.matchAll(pattern)].map(([, ...texts]) => {
    const [x = 0, y = 0, width = 0, height = 0] = texts.map(Number);
    return { left: x, top: y, right: x + width, bottom: y + height };
  });
}

/** Reads the pieces of the lines. */
function readLines(svg: string): Box[] {
  return [...svg.matchAll(/<path class="line" d="M([^"]+)"/g)].flatMap(([, path = ""]) => {
    const points = path.split("L").map((point) => point.split(" ").map(Number));
    return points.slice(1).map(([x = NaN, y = NaN], i) => {
      const [fromX = NaN, fromY = NaN] = points[i]!;
      assert(x === fromX || y === fromY, `${path} is askew`);
      return {
        left: Math.min(x, fromX),
        top: Math.min(y, fromY),
        right: Math.max(x, fromX),
        bottom: Math.max(y, fromY),
      };
    });
  });
}

/** How high the pictures of some networks are at the most, in columns that a page of 1,240 pixels has room for. */
const HEIGHTS: Readonly<Record<string, number>> = {
  alexnet: 1100,
  densenet121: 2700,
  lenet: 600,
  nin: 700,
  resnet18: 2700,
  vgg16: 900,
};

const areApart = (a: Box, b: Box): boolean =>
  a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top;
const holds = (outer: Box, inner: Box): boolean =>
  outer.left <= inner.left && outer.top <= inner.top && outer.right >= inner.right &&
  outer.bottom >= inner.bottom;

/** Checks that each element that begins ends, in its turn. */
function checkTags(xml: string): void {
  const open: string[] = [];
  for (
    const [, end, name, , alone] of xml.matchAll(/<(\/?)([\w-]+)((?: [\w:-]+="[^"<]*")*)(\/?)>/g)
  ) {
    if (end) assertEquals(open.pop(), name);
    else if (!alone) open.push(name!);
  }
  assertEquals(open, []);
  assert(
    !/[<>&]/.test(xml.replace(/<[^<>]*>|&\w+;/g, "")),
    "there is something that is no element",
  );
}

Deno.test("every network is drawn within its picture, and no box lies over another", () => {
  for (const name of networkNames) {
    const { channels, classes, describe, side, title } = networks[name];
    const network = buildOne(describe({ channels, classes }), [side, side, channels]);
    const svg = drawNetwork(network, title);
    const [, width = NaN, height = NaN] =
      /^<svg [^>]*viewBox="0 0 (\d+) (\d+)"/.exec(svg)?.map(Number) ?? [];
    const whole = { left: 0, top: 0, right: width, bottom: height };
    const boxes = [...readBoxes(svg, "box"), ...readBoxes(svg, "join"), ...readBoxes(svg, "end")];
    const frames = readBoxes(svg, "frame");
    const lines = readLines(svg);
    assert(lines.length >= boxes.length - 1, `${name} has few lines`);
    assert(width <= 1240 && height <= (HEIGHTS[name] ?? 7000), `${name}: ${width} x ${height}`);
    assert(boxes.length > 5, name);
    for (const box of [...boxes, ...frames]) {
      assert(holds(whole, box), `${name} leaves its picture`);
    }
    for (const [i, box] of boxes.entries()) {
      assert(
        boxes.slice(i + 1).every((other) => areApart(box, other)),
        `${name} has one over another`,
      );
      assert(lines.every((line) => areApart(line, box)), `${name} has a line through a box`);
      assert(frames.every((frame) => areApart(frame, box) || holds(frame, box)), name);
    }
    checkTags(svg);
    assert(!/NaN|undefined|<script|\bhref=|url\((?!#)/.test(svg), name);
    assertStringIncludes(svg, `${network.layers.length} layers`);
    const most = name === "googlenet" ? 130_000 : 70_000;
    assert(svg.length < most, `${name}: ${svg.length}`);
  }
});

Deno.test("a drawing has a title, a description and names that are escaped", () => {
  const odd = rill.lambda((x) => x, { description: `Odd("<script>&")` });
  const svg = drawNetwork(
    buildOne(rill.sequential({ "a<b": odd, c: rill.linear(2) }), [3]),
    "A & B",
  );
  assertMatch(
    svg,
    /^<svg xmlns="http:\/\/www.w3.org\/2000\/svg" [^>]*role="img"><title>A &amp; B for images of 3<\/title><desc>/,
  );
  assertStringIncludes(svg, "a&lt;b");
  assertStringIncludes(svg, "&quot;&lt;script&gt;&amp;&quot;");
  assertStringIncludes(svg, "prefers-color-scheme:dark");
});

Deno.test("deno task summary --graph draws a picture, and replaces nothing else", () =>
  withFolder(async (dir) => {
    const path = `${dir}/lenet.svg`;
    const args = ["summary", "--model", "lenet", "--graph"];
    for (const _ of ["new", "replaced"]) {
      const { code, stdout, stderr } = await runTask([...args, path]);
      assertEquals([code, stderr], [0, `graph: drawn to ${path}\n`]);
      assertStringIncludes(stdout, "parameters:         61,706");
    }
    assertStringIncludes(await Deno.readTextFile(path), "LeNet for images of 28 x 28 x 1");
    await Deno.writeTextFile(`${dir}/notes.txt`, "mine");
    const refused = await runTask([...args, `${dir}/notes.txt`]);
    assertEquals([refused.code, refused.stdout], [1, ""]);
    assertEquals(refused.errors, [
      `error: Cannot write ${dir}/notes.txt as it would overwrite a file that is not an SVG of ours`,
    ]);
    assertEquals((await Array.fromAsync(Deno.readDir(dir))).length, 2);
  }));
