/**
 * Has a person draw by the keyboard on a canvas that has the focus: arrows move the pen, space puts it down or lifts it, as it is
 * lifted when the focus goes. Runs in the page, so it uses nothing of its module.
 *
 * @param {any} canvas The canvas, an element that can have the focus.
 * @param {any} mark The element that shows where the pen is, laid over the canvas.
 * @param {{ drawTo: (x: number, y: number) => void, lift: () => void }} pen Draws from where it was last to a point of the
 * canvas, or, after it was lifted, at that point.
 */
export function drawByKeys(canvas, mark, { drawTo, lift }) {
  const { width, height } = canvas;
  const name = canvas.getAttribute("aria-label");
  const step = width / 28;
  const moves = {
    ArrowLeft: [-step, 0],
    ArrowRight: [step, 0],
    ArrowUp: [0, -step],
    ArrowDown: [0, step],
  };
  let [x, y] = [width / 2, height / 2];
  let isDown = false;

  function show() {
    mark.hidden = false;
    mark.style.left = `${x / width * 100}%`;
    mark.style.top = `${y / height * 100}%`;
    mark.classList.toggle("down", isDown);
    canvas.setAttribute("aria-label", `${name}, the pen is ${isDown ? "down" : "lifted"}`);
  }

  function leave() {
    if (isDown) lift();
    isDown = false;
    mark.hidden = true;
    canvas.setAttribute("aria-label", name);
  }

  canvas.addEventListener("focus", () => {
    if (canvas.matches(":focus-visible")) show();
  });
  canvas.addEventListener("blur", leave);
  canvas.addEventListener("pointerdown", leave);
  canvas.addEventListener("keydown", (event) => {
    const move = moves[event.key];
    if ((!move && event.key !== " ") || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    if (move) {
      x = Math.min(Math.max(x + move[0], 0), width);
      y = Math.min(Math.max(y + move[1], 0), height);
    } else if (!event.repeat) {
      isDown = !isDown;
      lift();
    }
    if (isDown) drawTo(x, y);
    show();
  });
}
