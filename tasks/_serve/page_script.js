/**
 * Runs in the page: sends a picture that was dropped, pasted, chosen or drawn to the server, and shows the classes.
 *
 * @param {typeof import("../_pages/draw_by_keys.js").drawByKeys} drawByKeys
 */
export function runPage(drawByKeys) {
  const find = (id) => document.getElementById(id);
  const file = find("file");
  const drawing = find("pad");
  const light = find("light");
  const pen = drawing.getContext("2d");

  find("address").textContent = location.origin + "/";

  /** Counts what was sent: of several answers the last picture's counts. */
  let sent = 0;
  let address;

  /** Sends a picture and shows what the server tells of it. */
  async function predict(picture, name) {
    const number = ++sent;
    find("problem").textContent = "";
    find("status").textContent = `Looking at ${name} …`;
    try {
      const response = await fetch("predict", { method: "POST", body: picture });
      const { predictions, error } = await response.json();
      if (number !== sent) return;
      if (predictions) show(predictions, picture, name);
      else fail(error);
    } catch {
      if (number === sent) fail("Cannot reach the server: it may have been stopped");
    }
  }

  function fail(message) {
    find("told").hidden = true;
    find("status").textContent = "";
    find("problem").textContent = message;
  }

  function show(predictions, picture, name) {
    const [first] = predictions;
    find("status").textContent = `${name}: ${first.class}, ${formatShare(first.probability)}`;
    if (address) URL.revokeObjectURL(address);
    address = URL.createObjectURL(picture);
    find("preview").src = address;
    find("preview").alt = name;
    find("rows").replaceChildren(...predictions.map(({ class: label, probability }) => {
      const row = document.createElement("tr");
      const bar = document.createElement("div");
      bar.className = "bar";
      bar.style.width = `${(probability ?? 0) * 100}%`;
      const share = document.createElement("td");
      share.className = "share";
      share.append(bar);
      row.append(makeCell(label), makeCell(formatShare(probability), "number"), share);
      return row;
    }));
    find("told").hidden = false;
  }

  function makeCell(text, kind = "") {
    const cell = document.createElement("td");
    cell.className = kind;
    cell.textContent = text;
    return cell;
  }

  const formatShare = (share) => share === null ? "NaN" : `${(share * 100).toFixed(1)} %`;

  // --- Choosing, dropping, pasting

  file.addEventListener("change", () => take(file.files));
  addEventListener("dragover", (event) => {
    event.preventDefault();
    find("drop").classList.add("over");
  });
  addEventListener("dragleave", () => find("drop").classList.remove("over"));
  addEventListener("drop", (event) => {
    event.preventDefault();
    find("drop").classList.remove("over");
    take(event.dataTransfer.files);
  });
  addEventListener("paste", (event) => take(event.clipboardData.files));

  function take([first]) {
    if (first) predict(first, first.name);
  }

  // --- Drawing

  let last;

  function clear() {
    pen.fillStyle = light.checked ? "#000" : "#fff";
    pen.fillRect(0, 0, drawing.width, drawing.height);
  }

  /** Draws a line from where the pen was last, if it wasn't lifted. */
  function drawTo(x, y) {
    pen.strokeStyle = light.checked ? "#fff" : "#000";
    pen.lineWidth = drawing.width / 14;
    pen.lineCap = "round";
    pen.beginPath();
    pen.moveTo(...(last ?? [x, y]));
    pen.lineTo(x, y);
    pen.stroke();
    last = [x, y];
  }

  const lift = () => {
    last = undefined;
  };
  const send = () => drawing.toBlob((picture) => predict(picture, "Your drawing"), "image/png");

  function draw(event) {
    const { left, top, width } = drawing.getBoundingClientRect();
    const scale = drawing.width / width;
    drawTo((event.clientX - left) * scale, (event.clientY - top) * scale);
  }

  // It is sent when the keys rest. Its pen is lifted when another comes, before that is put down.
  let resting;
  drawByKeys(drawing, find("pen"), {
    drawTo(x, y) {
      drawTo(x, y);
      clearTimeout(resting);
      resting = setTimeout(send, 300);
    },
    lift,
  });

  drawing.addEventListener("pointerdown", (event) => {
    drawing.setPointerCapture(event.pointerId);
    lift();
    draw(event);
  });
  drawing.addEventListener("pointermove", (event) => {
    if (drawing.hasPointerCapture(event.pointerId)) draw(event);
  });
  drawing.addEventListener("pointerup", send);

  find("clear").addEventListener("click", clear);
  light.addEventListener("change", clear);
  clear();
}
