// Uses the page of a site in a frame as a person does, and posts what came of it.

const { backend, isWhole, files } = await (await fetch("/drive.json")).json();
const frame = document.createElement("iframe");
frame.style = "width: 1280px; height: 900px; border: 0";
document.body.append(frame);

/** Tells what runs, for where it never ends. */
const tell = (what) => fetch("/progress", { method: "POST", body: what });
const get = (id) => frame.contentDocument.getElementById(id);
const text = (id) => get(id)?.textContent ?? "";

async function until(what, isThere) {
  await tell(what);
  while (!isThere()) await new Promise((resolve) => setTimeout(resolve, 20));
}

let seen = [];
/** Opens the page, and waits for the first thing that it tells. */
async function open() {
  seen = [];
  frame.src = `/sub/path/?backend=${backend}&time=${performance.now()}`;
  await new Promise((resolve) => frame.onload = resolve);
  // Whatever was told before is told again: the example is asked for anew.
  frame.contentDocument.addEventListener("classified", ({ detail }) => seen.push(detail));
  await until("open", () => text("answer").includes("%"));
  if (seen.length === 0) await swap();
  return read();
}

/** Has the picture classified twice: with light and dark swapped, and as it was. */
async function swap() {
  for (let i = 0; i < 2; i++) {
    const before = seen.length;
    get("invert").click();
    await until("swap", () => seen.length > before);
  }
}

const read = () => ({
  logits: Object.values(seen.at(-1).logits),
  answer: text("answer"),
  truth: text("truth"),
  advice: text("advice"),
  layers: [...get("layers").querySelectorAll("figcaption strong")].map((name) => name.textContent),
});

/** Gives a file to an input of the page. */
function give(id, bytes, name) {
  const given = new frame.contentWindow.DataTransfer();
  given.items.add(new frame.contentWindow.File([bytes], name));
  get(id).files = given.files;
  get(id).dispatchEvent(new frame.contentWindow.Event("change"));
}

/** Gives a file that must be refused, and reads why. */
async function refuse(id, path, name) {
  const bytes = await (await fetch(path)).arrayBuffer();
  get("problem").textContent = "";
  give(id, bytes, name);
  await until(`refuse ${name}`, () => text("problem") !== "");
  return text("problem");
}

async function classifyPicture() {
  const before = seen.length;
  give("picture", await (await fetch(files.picture)).arrayBuffer(), "picture.png");
  await until("picture", () => seen.length > before && text("truth").includes("picture.png"));
  return read();
}

/** Runs axe in the page; gives what it finds that is serious. */
async function findSerious() {
  await tell("axe");
  const { contentDocument: page, contentWindow } = frame;
  if (!contentWindow.axe) {
    const script = page.createElement("script");
    script.src = "/axe.js";
    const loaded = new Promise((resolve) => script.onload = resolve);
    page.head.append(script);
    await loaded;
  }
  const { violations } = await contentWindow.axe.run(page);
  return violations.filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
}

function press(key) {
  get("pad").dispatchEvent(new frame.contentWindow.KeyboardEvent("keydown", { key }));
}

async function draw() {
  get("clear").click();
  const cleared = text("answer");
  const before = seen.length;
  press(" ");
  for (const key of ["ArrowDown", "ArrowRight", "ArrowDown"]) press(key);
  await until("draw", () => seen.length > before);
  const pen = !get("pen").hidden && get("pad").getAttribute("aria-label");
  // Lifts the pen, for whoever draws again.
  press(" ");
  return { cleared, pen, light: seen.at(-1) && Math.max(...Object.values(seen.at(-1).seen.data)) };
}

/** Chooses backends, draws, and gives two pictures, without waiting for what comes of the one before. */
async function hurry() {
  const bytes = await (await fetch(files.picture)).arrayBuffer();
  get("problem").textContent = "";
  for (const name of ["auto", "wasm", "auto", "wasm"]) {
    get("backend").value = name;
    get("backend").dispatchEvent(new frame.contentWindow.Event("change"));
  }
  await draw();
  await until("last backend", () => text("status").includes("asked for by name"));
  const problem = text("problem");
  give("picture", bytes, "first.png");
  give("picture", bytes, "second.png");
  await until("second picture", () => text("truth").includes("second.png"));
  await swap();
  return { ...read(), problem: problem + text("problem") };
}

/** Trains where the browser keeps nothing. */
async function trainWithoutStore() {
  // What was forgotten before is gone by then.
  await tell("without store");
  Object.defineProperty(frame.contentWindow, "caches", { value: undefined });
  get("start").click();
  await until("a step", () => text("progress").startsWith("Step"));
  get("pause").click();
  await until("pause", () => text("progress").startsWith("Paused"));
  await until("no store", () => text("progress").includes("save"));
  return text("progress");
}

/** Has the page keep what it gives to a person. */
function listenForDownloads() {
  const saved = [];
  frame.contentWindow.HTMLAnchorElement.prototype.click = function () {
    saved.push(fetch(this.href).then((response) => response.arrayBuffer()));
  };
  return saved;
}

/** Trains, in a hurry at first; pauses, loads the page anew, saves, opens what was saved, and goes on to the end. */
async function train() {
  let saved = listenForDownloads();
  get("epochs").value = "40";
  get("batchSize").value = "5";
  // Before there is anything to pause.
  get("start").click();
  get("start").click();
  get("pause").click();
  get("pause").click();
  await until("pause at once", () => text("progress").startsWith("Paused"));
  const atOnce = [text("progress"), text("start")];
  get("start").click();
  await until("first step", () => text("progress").startsWith("Step"));
  get("save").click();
  get("save").click();
  await until("save", () => saved.length > 0);
  await until("go on", () => !get("pause").disabled);
  get("pause").click();
  await until("pause", () => text("progress").startsWith("Paused"));
  const paused = text("progress");
  const downloads = saved.length;
  await open();
  await until("kept", () => text("progress").startsWith("A training"));
  const kept = text("progress");
  saved = listenForDownloads();
  get("save").click();
  const bytes = await saved[0];
  get("restart").click();
  give("checkpoint", bytes, "saved.safetensors");
  await until("offer", () => text("progress").startsWith("A training"));
  const offered = text("progress");
  const resume = text("start");
  get("start").click();
  await until("end", () => text("progress").startsWith("Trained") || text("problem") !== "");
  const results = get("results").tBodies[0].rows.length;
  await until("trained model", () => text("model").includes("in 160 steps"));
  const ended = text("progress");
  const problem = text("problem");
  await open();
  const again = { ended: text("progress"), results: get("results").tBodies[0].rows.length };
  get("restart").click();
  const withoutStore = await trainWithoutStore();
  return {
    withoutStore,
    atOnce,
    downloads,
    paused,
    kept,
    offered,
    resume,
    ended,
    problem,
    results,
    again,
  };
}

async function measureNarrow() {
  frame.style.width = "390px";
  await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  await refuse("picture", files.text, `${"a_long_name_".repeat(10)}.txt`);
  const { scrollWidth, style } = frame.contentDocument.documentElement;
  const serious = await findSerious();
  style.colorScheme = "dark";
  return { scrollWidth, serious: [...serious, ...await findSerious()] };
}

/** Opens a page without a model, gives it what is no picture and one that is, and loads a model for that. */
async function useBare() {
  frame.src = `/bare/?backend=${backend}`;
  await new Promise((resolve) => frame.onload = resolve);
  await until("no model", () => text("model").startsWith("None came"));
  await until("example", () => text("truth") !== "");
  const refused = await refuse("picture", files.huge, "huge.png");
  const pad = get("pad").getContext("2d");
  pad.clearRect(0, 0, 280, 280);
  give("picture", await (await fetch(files.picture)).arrayBuffer(), "picture.png");
  await until("bare picture", () => text("truth").includes("picture.png"));
  const shown = new Set(pad.getImageData(0, 0, 280, 280).data).size;
  const answer = text("answer");
  give("checkpoint", await (await fetch(files.model)).arrayBuffer(), "model.safetensors");
  await until("bare answer", () => text("answer").includes("%"));
  return { refused, shown, answer, told: text("truth"), advice: text("advice") };
}

/** Opens the page when its server is gone. */
async function openOffline() {
  const { serviceWorker } = frame.contentWindow.navigator;
  await tell("service worker");
  await serviceWorker.ready;
  await until("control", () => serviceWorker.controller);
  await fetch("/offline", { method: "POST" });
  return await open();
}

const found = { first: await open(), picture: await classifyPicture(), status: text("status") };
if (isWhole) {
  found.serious = await findSerious();
  found.drawn = await draw();
  found.refused = {
    text: await refuse("picture", files.text, "notes.txt"),
    huge: await refuse("picture", files.huge, "huge.png"),
    empty: await refuse("picture", files.empty, "empty.png"),
    cut: await refuse("checkpoint", files.cut, "cut.safetensors"),
    nameless: await refuse("checkpoint", files.nameless, "nameless.safetensors"),
    other: await refuse("checkpoint", files.other, "other.safetensors"),
    own: await refuse("checkpoint", files.own, "own.safetensors"),
    torch: await refuse("checkpoint", files.torch, "model.pth"),
  };
  get("backend").value = "webgpu";
  get("problem").textContent = "";
  get("backend").dispatchEvent(new frame.contentWindow.Event("change"));
  await until("no WebGPU", () => text("problem") !== "" && text("status").includes("WASM"));
  found.refused.webgpu = text("problem");
  found.hurried = await hurry();
  found.trained = await train();
  found.narrow = await measureNarrow();
  found.bare = await useBare();
  await open();
  found.offline = await openOffline();
}
await fetch("/results", { method: "POST", body: JSON.stringify(found) });
