/// <reference lib="dom" />
import { readImageData } from "../../../pipelines/mod.ts";
import type { StoredRecord } from "../../_data/sets/data_set.ts";
import { getContext } from "./elements.ts";

/** The width of the pen, as a share of the pad's: of 28 pixels two and a half. */
const PEN = 2.5 / 28;

/** How far an arrow key moves the pen, likewise. */
const STEP = 1 / 28;

/** A pad to draw on, light on dark. */
export interface Pad {
  /** Makes it dark, for a new drawing. */
  clear(): void;
  /** Shows a picture. The next stroke begins a new drawing. */
  show(picture: CanvasImageSource & { readonly width: number; readonly height: number }): void;
  /** Reads what was drawn, as a gray picture. */
  read(): StoredRecord;
}

/**
 * Makes a canvas a pad.
 *
 * @param onDraw Called whenever there is more of a drawing.
 */
export function makePad(canvas: HTMLCanvasElement, onDraw: () => void): Pad {
  const context = getContext(canvas);
  const { width, height } = canvas;
  let isShowing = false;
  let last: { readonly x: number; readonly y: number } | undefined;

  const clear = () => {
    isShowing = false;
    context.fillStyle = "#000";
    context.fillRect(0, 0, width, height);
  };
  const drawTo = (x: number, y: number) => {
    if (isShowing) clear();
    context.strokeStyle = "#fff";
    context.lineWidth = PEN * width;
    context.lineCap = context.lineJoin = "round";
    context.beginPath();
    if (last) {
      context.moveTo(last.x, last.y);
      context.lineTo(x, y);
      context.stroke();
    } else {
      // A line to where it begins would be nothing.
      context.arc(x, y, PEN * width / 2, 0, 2 * Math.PI);
      context.fillStyle = "#fff";
      context.fill();
    }
    last = { x, y };
    onDraw();
  };
  clear();

  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    last = undefined;
    drawTo(...locate(event));
  });
  canvas.addEventListener("pointermove", (event) => {
    if (last && canvas.hasPointerCapture(event.pointerId)) drawTo(...locate(event));
  });
  canvas.addEventListener("pointerup", () => last = undefined);
  canvas.addEventListener("pointercancel", () => last = undefined);
  const locate = ({ offsetX, offsetY }: PointerEvent): [number, number] => [
    offsetX * width / canvas.clientWidth,
    offsetY * height / canvas.clientHeight,
  ];
  listenForKeys(canvas, drawTo, () => last = undefined);

  return {
    clear,
    show(picture) {
      clear();
      isShowing = true;
      const scale = Math.min(width / picture.width, height / picture.height);
      const [w, h] = [picture.width * scale, picture.height * scale];
      context.imageSmoothingEnabled = scale < 1;
      context.drawImage(picture, (width - w) / 2, (height - h) / 2, w, h);
    },
    read: () => ({
      image: readImageData(context.getImageData(0, 0, width, height), { channels: 1 }),
      label: -1,
    }),
  };
}

/** Has a pen drawn with by the keyboard: arrows move it, space puts it down or lifts it. */
function listenForKeys(
  canvas: HTMLCanvasElement,
  drawTo: (x: number, y: number) => void,
  lift: () => void,
): void {
  const { width, height } = canvas;
  const moves: Readonly<Record<string, readonly [number, number]>> = {
    ArrowLeft: [-1, 0],
    ArrowRight: [1, 0],
    ArrowUp: [0, -1],
    ArrowDown: [0, 1],
  };
  let [x, y] = [width / 2, height / 2];
  let isDown = false;
  canvas.addEventListener("keydown", (event) => {
    const move = moves[event.key];
    if (!move && event.key !== " ") return;
    event.preventDefault();
    if (!move) {
      isDown = !isDown;
      lift();
    } else {
      x = Math.min(Math.max(x + move[0] * STEP * width, 0), width);
      y = Math.min(Math.max(y + move[1] * STEP * height, 0), height);
    }
    if (isDown) drawTo(x, y);
  });
}
