// Asking the daemon.
let denied = () => {};

/** The token lives in this tab only. */
const token = () => sessionStorage.getItem("wenliu-token") ?? "";
export const setToken = (text) => sessionStorage.setItem("wenliu-token", text);
export const onDenied = (act) => { denied = act; };
const headers = () => (token() ? { authorization: `Bearer ${token()}` } : {});

async function ask(path, options = {}) {
  const answer = await fetch(path, { ...options, headers: { ...headers(), ...options.headers } });
  if (answer.status === 401) denied();
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return answer;
}

export const get = async (path) => (await ask(path)).json();
export const bytes = async (path) => new Uint8Array(await (await ask(path)).arrayBuffer());
export const post = async (path) => (await ask(path, { method: "POST", headers: { "x-wenliu": "retry" } })).text();

/**
 * Follows the daemon's events: `act(event, data)` for each, `lost()` when the line breaks. It reads the stream itself,
 * because EventSource cannot send a token; it resumes with Last-Event-ID like one.
 */
export function follow(act, lost) {
  const ending = new AbortController();
  let last = "";
  (async () => {
    while (!ending.signal.aborted) {
      try {
        const resume = last ? { "last-event-id": last } : {};
        const answer = await ask("/events", { headers: resume, signal: ending.signal });
        const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
        let rest = "";
        for (;;) {
          const { value, done } = await reader.read();
          if (done) break;
          const blocks = (rest + value).split("\n\n");
          rest = blocks.pop();
          for (const block of blocks) {
            const field = (name) => block.match(new RegExp(`^${name}: ?(.*)$`, "m"))?.[1];
            last = field("id") ?? last;
            if (field("data") !== undefined) act(field("event") ?? "message", JSON.parse(field("data")));
          }
        }
      } catch (error) {
        if (ending.signal.aborted) return;
      }
      lost();
      await new Promise((wake) => setTimeout(wake, 1000));
    }
  })();
  return () => ending.abort();
}
