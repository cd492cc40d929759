/// <reference lib="dom" />
import { readImageData } from "../../../pipelines/mod.ts";
import type { StoredRecord } from "../../_data/sets/data_set.ts";
import { drawByKeys } from "../../_pages/draw_by_keys.js";
import { getContext, getElement } from "./elements.ts";

/** The width of the pen, as a share of the pad's: of 28 pixels two and a half. */
const PEN = 2.5 / 28;

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

  // It lifts its pen when another comes, before that is put down.
  drawByKeys(canvas, getElement("pen", HTMLSpanElement), { drawTo, lift: () => last = undefined });
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
