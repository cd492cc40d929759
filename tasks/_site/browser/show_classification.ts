/// <reference lib="dom" />
import type { Classification, LayerView, Tile } from "../classify.ts";
import { formatShare, getContext, getElement, makeElement } from "./elements.ts";

/** Shows the classes, the picture as the network saw it, and what its layers made of it. */
export function showClassification({ ranked, seen, layers }: Classification): void {
  const [first] = ranked;
  getElement("answer", HTMLParagraphElement).textContent = first?.probability == null
    ? "The network gives no number: its parameters aren't finite."
    : `${first.class}, ${formatShare(first.probability)}`;
  getElement("classes", HTMLOListElement).replaceChildren(...ranked.map((share) => {
    const part = share.probability ?? 0;
    const bar = makeElement("span");
    bar.style.width = `${part * 100}%`;
    return makeElement("li", {}, [
      makeElement("span", { text: share.class }),
      makeElement("span", { className: "bar" }, [bar]),
      makeElement("span", { className: "share", text: formatShare(part) }),
    ]);
  }));
  const canvas = getElement("seen", HTMLCanvasElement);
  drawTiles(canvas, [seen], seen.channels);
  getElement("seen-figure", HTMLElement).hidden = false;
  getElement("layers", HTMLDivElement).replaceChildren(...layers.map(makeLayerFigure));
}

/** Takes back what was shown of a picture. */
export function clearClassification(text: string): void {
  getElement("answer", HTMLParagraphElement).textContent = text;
  getElement("classes", HTMLOListElement).replaceChildren();
  getElement("layers", HTMLDivElement).replaceChildren();
  getElement("seen-figure", HTMLElement).hidden = true;
}

function makeLayerFigure({ name, layer, shape, tiles, least, greatest }: LayerView): HTMLElement {
  const canvas = makeElement("canvas", { className: "pixels" });
  drawTiles(canvas, tiles);
  const what = shape.length === 3
    ? `${tiles.length} of ${shape[2]} channels`
    : `${tiles[0]?.width ?? 0} of ${shape.reduce((a, b) => a * b, 1)} features`;
  const range = `${least.toPrecision(3)} to ${greatest.toPrecision(3)}`;
  canvas.setAttribute("role", "img");
  canvas.setAttribute("aria-label", `${what} of ${name || layer}, from ${range}`);
  return makeElement("figure", {}, [
    canvas,
    makeElement("figcaption", {}, [
      makeElement("strong", { text: name }),
      makeElement("span", {
        className: "quiet",
        text: ` ${layer}: ${shape.length === 3 ? `${shape.join(" × ")}, ` : ""}${what}, ${range}`,
      }),
    ]),
  ]);
}

/** Draws pictures side by side, with a line between, one pixel a sample. */
function drawTiles(canvas: HTMLCanvasElement, tiles: readonly Tile[], channels = 1): void {
  const [{ height, width } = { height: 1, width: 1 }] = tiles;
  canvas.width = tiles.length * (width + 1) - 1;
  canvas.height = height;
  // Features are in one row: a line of pixels, unless it is drawn higher.
  canvas.classList.toggle("line", height === 1);
  const context = getContext(canvas);
  tiles.forEach(({ data }, place) => {
    const pixels = new ImageData(width, height);
    for (let i = 0; i < width * height; i++) {
      for (let c = 0; c < 3; c++) pixels.data[4 * i + c] = data[i * channels + c % channels]!;
      pixels.data[4 * i + 3] = 255;
    }
    context.putImageData(pixels, place * (width + 1), 0);
  });
}
