// Building elements. Text from drops only ever becomes text nodes.

/** An element with attributes and children; strings become text. `on…` keys are listeners, `data` is a set of data-*. */
export function el(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (key === "data") Object.assign(node.dataset, value);
    else if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children.filter((c) => c !== undefined && c !== null));
  return node;
}

/** Says that something went wrong, until the next thing works. */
export function show(error) {
  const trouble = document.getElementById("trouble");
  trouble.textContent = error ? String(error.message ?? error) : "";
  trouble.hidden = !error;
}

/** 12,345 */
export const grouped = (n) => Number(n).toLocaleString("en");
