// The reader: the drop as it lies there beside the article that came of it.
import { decode, lines, Origins } from "./origins.js";
import { el, show } from "./dom.js";
import { bytes, get } from "./net.js";
import { difference } from "./diff.js";

const byId = (id) => document.getElementById(id);
let go = () => {};
let now = null; // {record, origins, ids}
let loaded = { sha: "", raw: null, records: [], receipts: [] };

/** Wires the reader's buttons and keys; `navigate` goes to another address of the page. */
export function startReader(navigate) {
  go = navigate;
  byId("next").addEventListener("click", () => step(1));
  byId("previous").addEventListener("click", () => step(-1));
  byId("copy").addEventListener("click", async () => {
    await navigator.clipboard.writeText(JSON.stringify(now.record, null, 1));
    byId("evidence").textContent = "The record is in the clipboard.";
  });
  document.addEventListener("keydown", (event) => {
    if (byId("reader").hidden || /INPUT|SELECT|TEXTAREA/.test(event.target.tagName)) return;
    if (event.key === "j") step(1);
    if (event.key === "k") step(-1);
    if (event.key === "Escape") light([], null);
  });
  for (const id of ["raw", "text"]) {
    byId(id).addEventListener("click", (event) => {
      const ents = event.target.closest("[data-ents]")?.dataset.ents.split(" ");
      if (ents) choose(Number(ents[0]));
    });
  }
}

function step(by) {
  const at = now ? now.ids.indexOf(now.record.id) + by : -1;
  if (now && now.ids[at]) go(`/a/${now.ids[at]}`);
}

/** Shows one article beside its drop. */
export async function openArticle(id) {
  show();
  const record = await get(`/api/articles/${id}`);
  const sha = record.metadata.drop.sha256;
  if (loaded.sha !== sha) {
    const { receipts } = await get(`/api/drops/${sha}`);
    const raw = await bytes(`/api/drops/${sha}/raw`).catch(() => null);
    const ids = receipts.flatMap((r) => r.ids);
    const records = await Promise.all(ids.slice(0, 100).map((other) => (other === id ? record : get(`/api/articles/${other}`))));
    loaded = { sha, raw, records, receipts };
  }
  const raw = loaded.raw ?? new Uint8Array();
  now = { record, origins: new Origins(record, raw), ids: loaded.receipts.flatMap((r) => r.ids) };
  document.title = `${record.title} – wenliu`;
  byId("drop-name").textContent = record.metadata.drop.name;
  byId("permalink").href = `/a/${id}`;
  byId("record").href = `/api/articles/${id}`;
  byId("siblings").replaceChildren(...loaded.records.map((other) =>
    el("li", {}, el("a", { href: `/a/${other.id}`, lang: other.language, "aria-current": other.id === id ? "page" : null }, other.title))));
  byId("text").lang = record.language;
  byId("raw").lang = record.language;
  byId("text").replaceChildren(...article(record));
  byId("raw").replaceChildren(...(loaded.raw ? page(raw, record) : [el("p", {}, "The file of this drop is no longer there.")]));
  byId("side").replaceChildren(...await side(record));
  byId("evidence").textContent = "";
  byId("raw").querySelector(".own")?.scrollIntoView({ block: "nearest" });
}

/** Cuts `start`–`end` wherever a marked range begins or ends, and calls `make(from, to, marks)` for each part. */
function parts(start, end, ranges, make) {
  const inside = ranges.filter((r) => r.start < end && r.end > start);
  const cuts = [...new Set([start, end, ...inside.flatMap((r) => [r.start, r.end])])]
    .filter((c) => c >= start && c <= end).sort((a, b) => a - b);
  return cuts.slice(0, -1).map((from, k) =>
    make(from, cuts[k + 1], inside.filter((r) => r.start <= from && r.end >= cuts[k + 1])));
}

/** Innermost first: a click lights the smallest mention under the pointer. */
const inner = (marks) => marks.toSorted((a, b) => (a.end - a.start) - (b.end - b.start));

function marked(text, marks, extra = {}) {
  if (!marks.length) return el("span", extra, text);
  const [first] = inner(marks);
  const ents = [...new Set(inner(marks).map((m) => m.ent))];
  return el("mark", { ...extra, class: `${first.label} ${extra.class ?? ""}`, title: first.title,
    data: { ...extra.data, ents: ents.join(" ") } }, text);
}

function article(record) {
  const { origins } = now;
  const ranges = record.ents.map((e, ent) => ({ start: e.start, end: e.end, ent, label: e.label, title: title(record, e) }));
  const head = [
    el("p", { class: "meta" }, [record.type === "fragment" ? "fragment" : "", record.by, record.located,
      `${record.created} (${record.created_basis})`, record.warnings.join(", ")].filter(Boolean).join(" · ")),
  ];
  return head.concat(record.paras.map((p) =>
    el(p.role === "headline" ? "h3" : p.role === "subhead" ? "h4" : "p", { class: p.role },
      ...parts(p.start, p.end, ranges, (from, to, marks) => marked(origins.slice(from, to), marks)))));
}

function title(record, ent) {
  const date = record.dates.find((d) => d.start === ent.start && d.end === ent.end);
  const amount = record.quantities.find((q) => q.start === ent.start && q.end === ent.end);
  const person = ent.label === "PERSON" && record.people.find((p) => p.name === ent.norm || p.name === ent.text);
  return [ent.label, ent.norm !== ent.text ? ent.norm : "", person ? person.titles.join("、") : "",
    date ? `${date.date}–${date.end_date} ${date.precision}, by ${date.basis}` : "",
    amount ? `${amount.value}${amount.upper !== amount.value ? `–${amount.upper}` : ""} ${amount.unit} ${amount.modifier}` : ""]
    .filter(Boolean).join(" · ");
}

/** The raw page: line numbers, furniture greyed, joins and cuts marked, the article's own lines lit. */
function page(raw, record) {
  const { origins } = now;
  const encoding = record.metadata.drop.encoding;
  const ranges = record.ents.flatMap((e, ent) => origins.raw(e.start, e.end).map(([start, end]) =>
    ({ start, end, ent, label: e.label, title: title(record, e) })));
  const aside = loaded.receipts.flatMap((r) => r.set_aside.raw.map((start, k) =>
    ({ start, end: start + r.set_aside.len[k], kind: r.set_aside.as[k] })));
  const paras = loaded.records.flatMap((other) => {
    const way = other.id === record.id ? origins : new Origins(other, raw);
    return other.paras.map((p, k) => {
      const pieces = way.raw(p.start, p.end);
      return { start: pieces[0]?.[0] ?? 0, end: pieces.at(-1)?.[1] ?? 0, first: k === 0, own: other.id === record.id };
    });
  }).sort((a, b) => a.start - b.start);
  return lines(raw, encoding).map(([start, end], index) => {
    const next = paras.find((p) => p.start < end && p.end > start);
    const begins = paras.some((p) => p.first && p.start >= start && p.start < end);
    const joined = paras.some((p) => p.start < end && p.end > end + 2);
    const kind = aside.find((a) => a.start < end && a.end > start);
    const solid = end > start;
    const note = kind && !next ? kind.kind : begins ? "an article begins" : joined ? "joined with the next line" : solid ? "a paragraph ends" : "";
    const sign = kind && !next ? "" : joined && solid ? "↩" : solid ? "¶" : "";
    const classes = ["line", next?.own ? "own" : "", kind && !next ? "aside" : "", begins ? "begins" : ""].join(" ").trim();
    const cut = [...ranges, ...aside.map((a) => ({ ...a, aside: true }))];
    return el("div", { class: classes, title: note },
      el("span", { class: "number", "aria-hidden": "true" }, String(index + 1)),
      el("span", { class: "content" }, ...parts(start, end, cut, (from, to, marks) => {
        const text = decode(raw.subarray(from, to), encoding);
        const set = marks.find((m) => m.aside);
        return marked(text, marks.filter((m) => !m.aside), { class: set ? "aside" : "", data: { from, to } });
      })),
      el("span", { class: "sign", "aria-hidden": "true" }, sign));
  });
}

/** Lights a mention on both sides. */
function choose(ent) {
  const mention = now.record.ents[ent];
  light([...document.querySelectorAll("[data-ents]")].filter((n) => n.dataset.ents.split(" ").includes(String(ent))), ent);
  byId("evidence").textContent = `${mention.text}: ${title(now.record, mention)}; bytes ${now.origins.raw(mention.start, mention.end).map(([a, b]) => `${a}–${b}`).join(", ")}`;
}

function light(nodes, ent) {
  for (const node of document.querySelectorAll(".lit")) node.classList.remove("lit");
  for (const node of nodes) node.classList.add("lit");
  for (const side of ["raw", "text"]) {
    nodes.find((n) => byId(side).contains(n))?.scrollIntoView({ block: "nearest" });
  }
  for (const button of document.querySelectorAll("#side [data-ent]")) {
    button.setAttribute("aria-pressed", String(Number(button.dataset.ent) === ent));
  }
}

const chip = (ent, text) => el("button", { class: "chip", data: { ent }, "aria-pressed": "false", onclick: () => choose(ent) }, text);

async function side(record) {
  const list = (heading, rows) => (rows.length ? [el("h3", {}, heading), el("ul", {}, ...rows.map((r) => el("li", {}, ...r)))] : []);
  const named = (items) => items.map((i) => [
    el("b", { lang: record.language }, i.name), i.titles?.length ? ` ${i.titles.join("、")}` : "", i.organisation ? ` (${i.organisation})` : "",
    i.code ? ` ${i.code}` : "", " ", ...i.mentions.map((m, k) => chip(m, String(k + 1)))]);
  const at = (item) => record.ents.findIndex((e) => e.start === item.start && e.end === item.end);
  const spot = (item) => (at(item) >= 0 ? chip(at(item), item.text) : item.text);
  return [
    ...list("People", named(record.people)),
    ...list("Organisations", named(record.organisations)),
    ...list("Places", named(record.places)),
    ...list("Events", named(record.events)),
    ...list("Dates", record.dates.map((d) => [spot(d), ` ${d.date}${d.end_date ? ` to ${d.end_date}` : ""} ${d.timex}`])),
    ...list("Quantities", record.quantities.map((q) => [spot(q), ` ${q.value} ${q.unit}`])),
    ...list("Quotes", record.quotes.filter((q) => q.kind === "speech").map((q) => [el("q", { lang: record.language }, q.text), q.speaker ? ` ${q.speaker}` : ""])),
    ...list("Keywords", record.keywords.length ? [[record.keywords.join("、")]] : []),
    ...await nearest(record),
    el("details", {}, el("summary", {}, `All mentions (${record.ents.length})`),
      el("ul", {}, ...record.ents.map((e, k) => el("li", {}, chip(k, e.text), ` ${e.label}`)))),
  ];
}

async function nearest(record) {
  const near = record.near_dup;
  if (!near.of) return [];
  const box = el("div", { class: "difference", lang: record.language });
  const compare = el("button", {
    onclick: async () => {
      try {
        const other = await get(`/api/articles/${near.of}`);
        box.replaceChildren(...difference(other.text, record.text).map(([kind, text]) => el(kind, {}, text)));
      } catch (error) {
        show(error);
      }
    },
  }, "Compare");
  return [el("h3", {}, "Seen before"),
    el("p", {}, `${near.relation} (${near.similarity.toFixed(2)}) of `, el("a", { href: `/a/${near.of}` }, near.of), " ", compare), box];
}
