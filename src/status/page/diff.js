// What differs between two texts, sentence by sentence.

const sentences = (text) => text.match(/[^。！？.!?\n]*[。！？.!?\n]?[”’」』）]*/gu).filter(Boolean);

/** Parts as `[element, text]`: `del` only in `before`, `ins` only in `after`, `span` in both. */
export function difference(before, after) {
  const [a, b] = [sentences(before).slice(0, 2000), sentences(after).slice(0, 2000)];
  const length = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      length[i][j] = a[i] === b[j] ? length[i + 1][j + 1] + 1 : Math.max(length[i + 1][j], length[i][j + 1]);
    }
  }
  const parts = [];
  const push = (kind, text) => {
    if (parts.at(-1)?.[0] === kind) parts.at(-1)[1] += text;
    else parts.push([kind, text]);
  };
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      push("span", a[i]);
      i += 1;
      j += 1;
    } else if (j >= b.length || (i < a.length && length[i + 1][j] >= length[i][j + 1])) {
      push("del", a[i]);
      i += 1;
    } else {
      push("ins", b[j]);
      j += 1;
    }
  }
  return parts;
}
