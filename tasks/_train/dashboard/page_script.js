/* global uPlot */

/** Runs in the dashboard's page: draws what the run's events tell. `uPlot` stands before it. */
export function runPage() {
  const find = (id) => document.getElementById(id);
  const token = location.hash.slice(1);

  // --- What the events tell

  let run = {};
  let steps = [];
  let epochs = [];

  function take(events) {
    for (const event of events) {
      if (event.event === "run" || event.event === "retry") begin(event);
      else if (event.event === "step") addStep(event);
      else if (event.event === "epoch") addEpoch(event);
      else if (event.event === "save") say(`Saved after step ${event.step}.`);
      else if (event.event === "end") end(event.error);
    }
    draw();
  }

  function begin(event) {
    if (event.event === "retry") return say(`Went back to step ${event.step}.`);
    run = event;
    const { settings = {}, data = {} } = event;
    document.title = find("title").textContent = `Training ${settings.model} on ${data.spec}`;
    say(`Saved to ${event.out}. ${event.backend.description}.`);
  }

  /** Adds a step. One that was told before is that of a run that has gone back. */
  function addStep(event) {
    while (steps.length > 0 && steps.at(-1).step >= event.step) steps.pop();
    // Several steps are told at once: only over a while there is a speed.
    const before = steps.findLast(({ seconds }) => seconds <= event.seconds - 1) ?? steps[0];
    const seconds = event.seconds - before?.seconds;
    const images = (event.step - before?.step) * run.settings?.batchSize;
    steps.push({ ...event, speed: seconds > 0 ? images / seconds : null });
  }

  function addEpoch(event) {
    while (epochs.length > 0 && epochs.at(-1).epoch >= event.epoch) epochs.pop();
    const judged = event.validationAccuracy ?? event.testAccuracy ?? null;
    const { images, batchSize } = run.settings ?? {};
    epochs.push({ ...event, judged, step: event.epoch * Math.ceil(images / batchSize) || 0 });
  }

  const say = (text) => find("status").textContent = text;

  function end(error = "") {
    isEnded = true;
    find("buttons").hidden = true;
    find("problem").textContent = error;
    say("The run has ended. " + find("status").textContent);
  }

  // --- Curves

  const dark = matchMedia("(prefers-color-scheme: dark)");
  const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(name);

  /** Resolves a colour of the style as the canvas knows it. */
  function resolve(name) {
    const probe = document.createElement("span");
    probe.style.color = color(name);
    document.body.append(probe);
    const found = getComputedStyle(probe).color;
    probe.remove();
    return found;
  }

  const charts = new Map();

  function chart(id, series) {
    const place = find(id);
    charts.get(id)?.destroy();
    const line = { stroke: resolve("--border"), width: 1 };
    const axis = { stroke: resolve("--text"), grid: line, ticks: line };
    const made = new uPlot(
      {
        width: place.clientWidth,
        height: 220,
        scales: { x: { time: false } },
        axes: [axis, { ...axis, size: 64 }],
        series: [
          { label: "Step" },
          ...series.map(({ stroke, digits, ...rest }) => ({
            ...rest,
            stroke: resolve(stroke),
            width: 2,
            spanGaps: true,
            value: (_, number) => format(number, digits),
          })),
        ],
      },
      [[], ...series.map(() => [])],
      place,
    );
    charts.set(id, made);
  }

  function build() {
    chart("loss", [{ label: "Loss", digits: 4, stroke: "--series-1" }]);
    chart("accuracy", [
      { label: "Training", digits: 3, stroke: "--series-1" },
      { label: "Held out", digits: 3, stroke: "--series-2", dash: [6, 4], points: { show: true } },
    ]);
    chart("rate", [{ label: "Learning rate", digits: 6, stroke: "--series-3" }]);
    chart("speed", [{ label: "Images/s", digits: 0, stroke: "--series-4" }]);
    draw();
  }

  let isDrawn = false;

  /** Draws at the next frame, once however many events came. */
  function draw() {
    if (isDrawn) return;
    isDrawn = true;
    requestAnimationFrame(() => {
      isDrawn = false;
      drawNow();
    });
  }

  /** Draws a chart. Where nobody points at it, the numbers below are the last ones. */
  function show(id, data) {
    const made = charts.get(id);
    made.setData(data);
    if (made.cursor.left >= 0 || data[0].length === 0) return;
    made.setLegend({
      idxs: data.map((values) => values.findLastIndex((one) => one !== null && one !== undefined)),
    });
  }

  function drawNow() {
    const at = steps.map(({ step }) => step);
    const column = (name) => steps.map((step) => step[name] ?? null);
    show("loss", [at, column("loss")]);
    show("rate", [at, column("learningRate")]);
    show("speed", [at, column("speed")]);
    const ends = epochs.map(({ step }) => step);
    show(
      "accuracy",
      uPlot.join([[at, column("accuracy")], [ends, epochs.map(({ judged }) => judged)]]),
    );
    const last = steps.at(-1);
    if (last) {
      find("now-epoch").textContent = `${last.epoch} of ${run.settings?.epochs ?? "?"}`;
      find("now-step").textContent = `${last.step} of ${run.steps ?? "?"}`;
      find("now-loss").textContent = format(last.loss, 4);
      find("now-accuracy").textContent = format(last.accuracy, 3);
      find("now-speed").textContent = format(last.speed, 0);
      find("now-rate").textContent = last.learningRate?.toPrecision(3) ?? "–";
      for (const [id, name] of [["loss", "loss"], ["accuracy", "accuracy"]]) {
        find(id).ariaLabel = `Curve of the ${name}: from ${format(steps[0][name], 3)} to ${
          format(last[name], 3)
        } at step ${last.step}`;
      }
    }
    find("epochs").replaceChildren(
      ...epochs.slice(-SHOWN).reverse().map((epoch) => {
        const row = document.createElement("tr");
        const texts = [epoch.epoch, format(epoch.loss, 4), format(epoch.trainAccuracy, 3)];
        for (const text of [...texts, format(epoch.judged, 3)]) {
          const cell = document.createElement("td");
          cell.className = row.childElementCount === 0 ? "" : "number";
          cell.textContent = text;
          row.append(cell);
        }
        return row;
      }),
    );
  }

  /** How many epochs the table has, the newest first. */
  const SHOWN = 50;

  const format = (value, digits) =>
    value === null || value === undefined ? "–" : value.toFixed(digits);

  // --- Buttons

  async function ask(what) {
    find("problem").textContent = "";
    try {
      const response = await fetch(what, { method: "POST", headers: { "x-rill-token": token } });
      const { told, error } = await response.json();
      if (told) say(told);
      else find("problem").textContent = error;
    } catch {
      find("problem").textContent = "Cannot reach the run: it may have ended";
    }
  }

  find("save").addEventListener("click", () => ask("save"));
  find("stop").addEventListener("click", () => ask("stop"));

  build();
  dark.addEventListener("change", build);
  let width = innerWidth;
  addEventListener("resize", () => {
    if (innerWidth !== width) build();
    width = innerWidth;
  });

  /** How long the page waits before it looks again whether there is a run, in milliseconds. */
  const PATIENCE = 3000;
  let isEnded = false;

  /** Asks for the events, and again where that ends: the run may go on at the same address. */
  function connect() {
    const source = new EventSource("events");
    let isFresh = true;
    source.addEventListener("message", ({ data }) => {
      // The first message has all that was before.
      if (isFresh) {
        [steps, epochs, isFresh, isEnded] = [[], [], false, false];
        find("buttons").hidden = token === "";
        find("problem").textContent = "";
      }
      take(JSON.parse(data));
    });
    source.addEventListener("error", () => {
      source.close();
      if (!isEnded) say("The run isn't there: it may have been killed. Trying again …");
      setTimeout(connect, PATIENCE);
    });
  }

  connect();
}
