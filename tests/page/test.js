// The page in a real browser, fed by the real daemon.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const require = createRequire(import.meta.url);
const [binary, pages, screenshots] = process.argv.slice(2);
const MANY = Number(process.env.WENLIU_PAGE_DROPS ?? 10000);
const passed = [];

/** A daemon on folders of its own, with a free port. */
class Daemon {
  constructor(settings = []) {
    this.base = fs.mkdtempSync(path.join(os.tmpdir(), "wenliu-page-"));
    const at = (name) => path.join(this.base, name);
    const flags = settings.flatMap((s) => ["--set", s]);
    this.child = spawn(binary, ["run", "--quiet", "--in", at("in"), "--out", at("out"), "--state", at("state"),
      "--set", 'http.listen="127.0.0.1:0"', ...flags], { stdio: ["ignore", "ignore", "inherit"] });
  }

  async address() {
    for (let i = 0; i < 200; i += 1) {
      await sleep(50);
      try {
        const { http } = JSON.parse(fs.readFileSync(path.join(this.base, "out/status.json"), "utf8"));
        if (http) return http.startsWith("http") ? http : `http://${http}`;
      } catch { /* not there yet */ }
    }
    throw new Error("the daemon gives no address in status.json");
  }

  drop(name, bytes) {
    const hidden = path.join(this.base, "coming");
    fs.writeFileSync(hidden, bytes);
    fs.renameSync(hidden, path.join(this.base, "in", name));
  }

  async stop() {
    const ended = new Promise((done) => { this.child.once("exit", done); });
    this.child.kill("SIGTERM");
    const code = await ended;
    fs.rmSync(this.base, { recursive: true, force: true });
    return code;
  }
}

const sleep = (ms) => new Promise((done) => { setTimeout(done, ms); });
const read = (name) => fs.readFileSync(path.join(pages, name));

/** The bytes that code points `start` to `end` of a record come from, told independently of the page's own code. */
function rawBytes(record, raw, start, end) {
  const points = Array.from(record.text);
  const found = new Set();
  record.source_map.text.forEach((from, k) => {
    const to = record.source_map.text[k + 1] ?? points.length;
    const [at, length] = [record.source_map.raw[k], record.source_map.len[k]];
    if (length === 0 || to <= start || from >= end) return;
    const bytes = Buffer.from(points.slice(from, to).join(""));
    if (raw.subarray(at, at + length).equals(bytes)) {
      const before = Buffer.byteLength(points.slice(from, Math.max(from, start)).join(""));
      const inside = Buffer.byteLength(points.slice(Math.max(from, start), Math.min(to, end)).join(""));
      for (let i = 0; i < inside; i += 1) found.add(at + before + i);
    } else {
      for (let i = 0; i < length; i += 1) found.add(at + i);
    }
  });
  return [...found].sort((a, b) => a - b);
}

async function check(name, act) {
  const started = Date.now();
  await act();
  passed.push(name);
  console.log(`ok   ${name} (${Date.now() - started} ms)`);
}

/** A tab that fails the test on any console error and on any request beyond the daemon. */
async function tab(browser, address, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  page.wrong = [];
  page.on("console", (m) => { if (m.type() === "error" && !options.tolerant) page.wrong.push(m.text()); });
  page.on("pageerror", (e) => page.wrong.push(String(e)));
  page.on("request", (r) => { if (!r.url().startsWith(address) && !r.url().startsWith("data:")) page.wrong.push(`asked ${r.url()}`); });
  return page;
}

const browser = await chromium.launch({
  executablePath: "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync"],
});
const daemon = new Daemon();
try {
  const address = await daemon.address();
  const page = await tab(browser, address);

  await check("the page goes live and drops appear as they arrive", async () => {
    await page.goto(address);
    await page.locator("#ready.good").waitFor();
    daemon.drop("one-2024-09-05.txt", read("p01-2024-09-05.txt"));
    await page.locator("#drops tr.done", { hasText: "one-2024-09-05.txt" }).waitFor();
    daemon.drop("two.txt", read("p04-big5-2023-04-20.txt"));
    await page.locator("#drops tr.done", { hasText: "two.txt" }).waitFor();
    await page.locator("#numbers b", { hasText: /^[1-9]\d*$/ }).first().waitFor();
  });

  await check("the plot draws", async () => {
    await sleep(2500);
    const inked = await page.locator("#plot canvas").evaluate((canvas) => {
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      let count = 0;
      for (let i = 3; i < data.length; i += 4) count += data[i] > 0 ? 1 : 0;
      return count;
    });
    assert(inked > 500, `${inked} pixels drawn`);
  });

  await check("text of a drop is never markup", async () => {
    daemon.drop("<img src=x onerror=alert(1)>.txt", Buffer.from(
      "本报讯 9月4日，市政府召开会议，<script>document.title='no'</script>研究工作。\u202e反向\u202c市长赵建军主持会议。\n（高梅）\n"));
    await page.locator("#drops tr", { hasText: "onerror" }).locator("a").click();
    await page.locator("#text p.lead", { hasText: "<script>" }).waitFor();
    assert.equal(await page.locator("#reader script, #reader img").count(), 0);
    assert.notEqual(await page.title(), "no");
    await page.locator("#back").click();
    await page.locator("#drops tr").first().waitFor();
  });

  for (const [name, file] of [["one-2024-09-05.txt", "p01-2024-09-05.txt"], ["two.txt", "p04-big5-2023-04-20.txt"]]) {
    await check(`every mention of ${name} lights exactly its raw bytes`, async () => {
      const raw = read(file);
      await page.locator("#drops tr", { hasText: name }).locator("a").click();
      await page.locator("#drop-name", { hasText: name }).waitFor();
      const links = await page.locator("#siblings a").evaluateAll((list) => list.map((a) => a.getAttribute("href")));
      assert(links.length >= 2, "the drop has several articles");
      let mentions = 0;
      for (const link of links) {
        await page.locator(`#siblings a[href="${link}"]`).click();
        await page.locator(`#siblings a[href="${link}"][aria-current]`).waitFor();
        const record = await (await page.request.get(`${address}/api/articles/${link.slice(3)}`)).json();
        await page.locator("details summary").click();
        for (const [k, ent] of record.ents.entries()) {
          await page.locator(`details [data-ent="${k}"]`).click();
          const lit = await page.locator("#raw .lit").evaluateAll((nodes) => nodes.map((n) => [Number(n.dataset.from), Number(n.dataset.to)]));
          const bytes = lit.flatMap(([from, to]) => Array.from({ length: to - from }, (_, i) => from + i)).sort((a, b) => a - b);
          assert.deepEqual(bytes, rawBytes(record, raw, ent.start, ent.end), `${ent.label} ${ent.text}`);
          const right = await page.locator("#text .lit").allTextContents();
          assert.equal(right.join(""), ent.text);
          mentions += 1;
        }
      }
      assert(mentions > 10, `${mentions} mentions clicked`);
      await page.locator("#back").click();
      await page.locator("#drops tr").first().waitFor();
    });
  }

  await check("keys, permalink and search lead to articles", async () => {
    const shown = (href) => page.locator(`#siblings a[aria-current][href="${href}"]`).waitFor();
    const link = page.locator("#drops tr", { hasText: "one-2024-09-05.txt" }).locator("a");
    const first = await link.getAttribute("href");
    await link.click();
    await shown(first);
    const second = await page.locator("#siblings a").nth(1).getAttribute("href");
    await page.keyboard.press("j");
    await shown(second);
    await page.keyboard.press("k");
    await shown(first);
    await page.reload();
    await shown(first);
    const words = (await page.locator("#text p.lead").textContent()).slice(8, 12);
    await page.keyboard.press("/");
    await page.keyboard.type(words);
    await page.keyboard.press("Enter");
    await page.locator("#articles a").first().click();
    await page.locator("#text p").first().waitFor();
  });

  await check("a refused drop says why, and retry puts it back", async () => {
    await page.goto(address);
    daemon.drop("broken.txt", Buffer.concat([Buffer.from("\x7fELF\x02\x01\x01"), Buffer.alloc(64, 0), Buffer.from([0xff, 0xfe, 0xfd, 0x80, 1, 2, 3])]));
    const row = page.locator("#drops tr.refused", { hasText: "broken.txt" }).first();
    await row.waitFor();
    assert((await row.locator("td").last().textContent()).length > 20, "the reason is a sentence");
    const refused = await page.request.post(`${address}/api/drops/${await row.locator("button").getAttribute("data-sha")}/retry`);
    assert(refused.status() >= 400, "a request without the page's header is turned away");
    await row.locator("button").click();
    await page.locator("#drops tr.refused", { hasText: "broken.txt" }).nth(1).waitFor();
  });

  await check("axe finds no serious fault, light and dark", async () => {
    for (const colorScheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme });
      for (const view of ["live", "reader"]) {
        await page.goto(address);
        await page.locator("#drops tr").first().waitFor();
        if (view === "reader") {
          await page.locator("#drops tr", { hasText: "one-2024-09-05.txt" }).locator("a").click();
          await page.locator("#text p").first().waitFor();
        }
        // Injected through the debugger, which the page's content policy does not bind.
        await page.evaluate(fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8"));
        const { violations } = await page.evaluate(() => globalThis.axe.run(document));
        const serious = violations.filter((v) => ["serious", "critical"].includes(v.impact));
        assert.deepEqual(serious.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(" ").slice(0, 300)}`), [], `${view}, ${colorScheme}`);
      }
    }
  });

  if (screenshots) {
    fs.mkdirSync(screenshots, { recursive: true });
    const shots = [["light", 1280, 900], ["dark", 1280, 900], ["phone", 390, 844]];
    for (const [kind, width, height] of shots) {
      await page.setViewportSize({ width, height });
      await page.emulateMedia({ colorScheme: kind === "dark" ? "dark" : "light" });
      await page.goto(address);
      await page.locator("#ready.good").waitFor();
      await sleep(1500);
      await page.screenshot({ path: path.join(screenshots, `live-${kind}.png`) });
      await page.locator("#drops tr", { hasText: "one-2024-09-05.txt" }).locator("a").click();
      await page.locator("#text p").first().waitFor();
      await page.locator("details summary").click();
      await page.locator('details [data-ent="3"]').click();
      await page.screenshot({ path: path.join(screenshots, `reader-${kind}.png`) });
    }
    await page.setViewportSize({ width: 1280, height: 900 });
  }

  await check(`${MANY} drops stay smooth`, async () => {
    for (let i = 0; i < MANY; i += 1) daemon.drop(`many-${i}.txt`, `本报讯 9月4日，第${i}号通知发布。\n（高梅）\n`);
    await page.goto(address);
    for (let seen = 0; seen < MANY;) {
      await sleep(500);
      seen = (await (await page.request.get(`${address}/api/status`)).json()).drops.done;
    }
    const rows = await page.locator("#drops tr").count();
    assert(rows <= 600, `${rows} rows in the page`);
    // Frames go on while the list is filtered and paged.
    const gap = page.evaluate(() => new Promise((done) => {
      let [last, worst] = [performance.now(), 0];
      const started = last;
      const frame = (now) => {
        worst = Math.max(worst, now - last);
        last = now;
        if (now - started < 3000) requestAnimationFrame(frame);
        else done(worst);
      };
      requestAnimationFrame(frame);
    }));
    await page.locator("#name").fill("many-99");
    await page.locator("#drops tr", { hasText: "many-99" }).first().waitFor();
    await page.locator("#name").fill("");
    await page.locator("#more").click();
    console.log(`     longest gap between frames ${(await gap).toFixed(0)} ms, ${await page.locator("#drops tr").count()} rows`);
  });

  assert.deepEqual(page.wrong, [], "no console error, no request beyond the daemon");
  passed.push("no console errors, no request beyond the daemon");
} finally {
  await daemon.stop();
}

const locked = new Daemon(['http.listen="0.0.0.0:0"', 'http.token="secret"']);
try {
  await check("off loopback a token is demanded", async () => {
    const address = (await locked.address()).replace("0.0.0.0", "127.0.0.1");
    const page = await tab(browser, address, { tolerant: true });
    const answer = await page.request.get(`${address}/api/status`);
    assert.equal(answer.status(), 401);
    await page.goto(address);
    await page.locator("#token-text").fill("secret");
    await page.keyboard.press("Enter");
    await page.locator("#ready.good").waitFor();
  });
} finally {
  await locked.stop();
  await browser.close();
}
console.log(`${passed.length} passed, 0 failed`);
