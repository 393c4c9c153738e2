// The live view: ready light, numbers, stages, plot, drops.
import { el, grouped, show } from "./dom.js";
import { follow, get, post } from "./net.js";

const byId = (id) => document.getElementById(id);
const KEEP_S = 600;
const ROWS_MAX = 500;
let plot;
let series = [[], [], []];
let stopFollowing = () => {};
let before = 0;
let asked = 0;

/** Starts (or starts again, with a token) to follow the daemon. */
export function startLive() {
  stopFollowing();
  get("/api/status").then((status) => {
    const { t = [], articles_per_s: rate = [], p99_ms: p99 = [] } = status.history ?? {};
    series = [t, rate, p99].map((column) => [...column]);
    draw();
    tell(status);
  }).catch(show);
  list();
  stopFollowing = follow(
    (event, data) => {
      show();
      if (event === "status") tick(data);
      if (event === "drop") arrived(data);
    },
    () => ready(false, "the daemon does not answer"),
  );
}

function tick(status) {
  const now = Math.floor(Date.now() / 1000);
  if (series[0].at(-1) !== now) {
    series[0].push(now);
    series[1].push(status.articles_per_s);
    series[2].push(status.latency_ms.p99);
    while (series[0][0] < now - KEEP_S) series.forEach((column) => column.shift());
    draw();
  }
  tell(status);
}

function ready(good, say) {
  byId("ready").className = good ? "good" : "bad";
  byId("ready-say").textContent = say;
}

function tell(status) {
  const failing = status.conditions.filter((c) => !c.ok);
  ready(status.ready, status.ready ? "ready" : `not ready: ${failing.map((c) => `${c.name} (${c.say})`).join("; ")}`);
  const d = status.drops;
  const numbers = [
    [status.articles_per_s.toFixed(1), "articles a second"],
    [grouped(status.articles_seq), "records"],
    [`${status.latency_ms.p50.toFixed(0)} ms`, "p50 whole to visible"],
    [`${status.latency_ms.p99.toFixed(0)} ms`, "p99 whole to visible"],
    [grouped(d.waiting), "waiting"],
    [grouped(d.in_flight), "in flight"],
    [grouped(d.refused), "refused"],
  ];
  byId("numbers").replaceChildren(...numbers.map(([n, what]) => el("div", {}, el("b", {}, n), el("span", {}, what))));
  byId("numbers").title = `seen ${d.seen} = done ${d.done} + duplicate ${d.duplicate} + refused ${d.refused} + incomplete ${d.incomplete} + in flight ${d.in_flight}`;
  const busiest = Math.max(...status.stages.map((s) => s.depth / Math.max(1, s.capacity)));
  byId("stages").replaceChildren(...status.stages.map((s) => {
    const share = s.depth / Math.max(1, s.capacity);
    return el("div", { class: share === busiest && share > 0.5 ? "stage full" : "stage" },
      el("span", {}, s.name),
      el("meter", { min: 0, max: Math.max(1, s.capacity), value: s.depth, "aria-label": `${s.name} queue` }),
      el("span", { class: "n" }, `${s.depth}/${s.capacity}`));
  }));
  const workers = status.workers ?? [];
  byId("workers").hidden = workers.length < 2;
  byId("workers").replaceChildren(el("h2", {}, "Workers"), el("ul", {}, ...workers.map((w) =>
    el("li", {}, `${w.name}: ${w.say ?? ""}`))));
}

function draw() {
  const box = byId("plot");
  const width = box.clientWidth || 600;
  if (!plot) {
    const ink = getComputedStyle(document.body).color;
    const grid = { stroke: "rgba(128,128,128,.2)" };
    plot = new uPlot({
      width, height: 180,
      scales: { x: { time: true }, ms: { range: (_, low, high) => [0, Math.max(10, high)] }, y: { range: (_, low, high) => [0, Math.max(1, high)] } },
      axes: [
        { stroke: ink, grid },
        { stroke: ink, grid, label: "articles/s" },
        { stroke: ink, side: 1, scale: "ms", grid: { show: false }, label: "p99 ms" },
      ],
      series: [{}, { label: "articles/s", stroke: "#2a7de1", width: 2, fill: "rgba(42,125,225,.15)" },
        { label: "p99 ms", stroke: "#d9822b", scale: "ms", width: 1.5 }],
    }, series, box);
    addEventListener("resize", () => plot.setSize({ width: box.clientWidth, height: 180 }));
  } else {
    if (Math.abs(plot.width - width) > 2) plot.setSize({ width, height: 180 });
    plot.setData(series);
  }
}

const wanted = (drop) => {
  const outcome = byId("outcome").value;
  return (!outcome || drop.outcome === outcome) && drop.name.includes(byId("name").value.trim());
};

async function list(more = false) {
  const turn = ++asked;
  const query = new URLSearchParams({ limit: 100, outcome: byId("outcome").value, q: byId("name").value.trim() });
  if (more && before) query.set("before", before);
  try {
    const { drops, next } = await get(`/api/drops?${query}`);
    if (turn !== asked) return;
    const rows = drops.map(row);
    if (more) byId("drops").append(...rows);
    else byId("drops").replaceChildren(...rows);
    before = next;
    byId("more").hidden = !next;
  } catch (error) {
    show(error);
  }
}

function arrived(drop) {
  if (!wanted(drop) || byId("drops").querySelector(`[data-seq="${drop.seq}"]`)) return;
  byId("drops").prepend(row(drop));
  while (byId("drops").children.length > ROWS_MAX) byId("drops").lastElementChild.remove();
}

function row(drop) {
  const name = drop.articles > 0 ? el("a", { href: `/a/${drop.ids[0]}` }, drop.name) : drop.name;
  const why = el("td", {}, drop.reason);
  if (drop.outcome === "refused" && drop.sha256) {
    const button = el("button", { class: "retry", data: { sha: drop.sha256 } }, "Retry");
    button.addEventListener("click", async () => {
      button.disabled = true;
      try {
        await post(`/api/drops/${drop.sha256}/retry`);
        button.textContent = "put back";
      } catch (error) {
        button.disabled = false;
        show(error);
      }
    });
    why.append(" ", button);
  }
  return el("tr", { class: drop.outcome, data: { seq: drop.seq } },
    el("td", {}, name), el("td", {}, drop.outcome),
    el("td", { class: "n" }, grouped(drop.articles)), el("td", { class: "n" }, grouped(drop.bytes)),
    el("td", { class: "n" }, grouped(drop.ms)), why);
}

let typing;
byId("outcome").addEventListener("change", () => list());
byId("name").addEventListener("input", () => {
  clearTimeout(typing);
  typing = setTimeout(list, 200);
});
byId("more").addEventListener("click", () => list(true));
