// The page: which view, and how it is reached.
import { get, setToken, onDenied } from "./net.js";
import { startLive } from "./live.js";
import { openArticle, startReader } from "./reader.js";
import { el, show } from "./dom.js";

const byId = (id) => document.getElementById(id);

/** Shows one of the three views. */
function view(name) {
  for (const id of ["live", "found", "reader"]) byId(id).hidden = id !== name;
}

async function route() {
  const article = location.pathname.match(/^\/a\/([0-9a-f]{32}-\d+)$/);
  const drop = location.pathname.match(/^\/d\/([0-9a-f]{64})$/);
  const words = new URLSearchParams(location.search).get("q");
  if (article) {
    view("reader");
    await openArticle(article[1]);
  } else if (drop) {
    const { receipts } = await get(`/api/drops/${drop[1]}`);
    const first = receipts.flatMap((r) => r.ids)[0];
    if (first) go(`/a/${first}`, true);
    else view("live");
  } else if (words) {
    view("found");
    byId("words").value = words;
    await find(words);
  } else {
    view("live");
    document.title = "wenliu 文流";
  }
}

/** Goes to another address of the page without loading it again. */
function go(address, instead = false) {
  history[instead ? "replaceState" : "pushState"](null, "", address);
  route().catch(show);
}

async function find(words) {
  const { articles } = await get(`/api/articles?limit=50&q=${encodeURIComponent(words)}`);
  const rows = articles.map((a) =>
    el("li", {}, el("a", { href: `/a/${a.id}`, lang: a.language }, a.title), ` ${a.created} ${a.by}`,
      el("small", {}, a.drop)));
  byId("articles").replaceChildren(...(rows.length ? rows : [el("li", {}, "No recent article has these words.")]));
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || link.origin !== location.origin) return;
  if (!/^\/($|a\/|d\/|\?)/.test(link.pathname + link.search)) return;
  event.preventDefault();
  go(link.pathname + link.search);
});
addEventListener("popstate", () => route().catch(show));
byId("search").addEventListener("submit", (event) => {
  event.preventDefault();
  const words = byId("words").value.trim();
  go(words ? `/?q=${encodeURIComponent(words)}` : "/");
});
document.addEventListener("keydown", (event) => {
  if (event.key === "/" && !/INPUT|SELECT|TEXTAREA/.test(event.target.tagName)) {
    event.preventDefault();
    byId("words").focus();
  }
});
onDenied(() => { byId("token").hidden = false; });
byId("token").addEventListener("submit", (event) => {
  event.preventDefault();
  setToken(byId("token-text").value);
  byId("token").hidden = true;
  startLive();
  route().catch(show);
});

startReader(go);
startLive();
route().catch(show);
