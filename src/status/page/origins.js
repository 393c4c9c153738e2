// From code points of a record's text to bytes of the drop, as its source_map says.

const encoder = new TextEncoder();

/** The way back of one record, over the drop's bytes. */
export class Origins {
  constructor(record, raw) {
    this.points = Array.from(record.text);
    const map = record.source_map;
    this.runs = map.text.map((start, k) => {
      const end = map.text[k + 1] ?? this.points.length;
      const bytes = encoder.encode(this.points.slice(start, end).join(""));
      const [from, length] = [map.raw[k], map.len[k]];
      const copy = bytes.length === length && bytes.every((b, i) => raw[from + i] === b);
      return { start, end, from, length, copy };
    });
  }

  /** The text from code point `start` to `end`. */
  slice(start, end) {
    return this.points.slice(start, end).join("");
  }

  /** The byte ranges that code points `start` to `end` come from, joined where they touch. */
  raw(start, end) {
    const pieces = [];
    for (let k = this.at(start); k < this.runs.length && this.runs[k].start < end; k += 1) {
      const run = this.runs[k];
      if (run.length === 0) continue;
      let [from, to] = [run.from, run.from + run.length];
      if (run.copy) {
        const length = (a, b) => encoder.encode(this.slice(a, b)).length;
        from += length(run.start, Math.max(start, run.start));
        to = from + length(Math.max(start, run.start), Math.min(end, run.end));
      }
      const last = pieces.at(-1);
      if (last && last[1] === from) last[1] = to;
      else pieces.push([from, to]);
    }
    return pieces;
  }

  /** Index of the run that holds code point `point`. */
  at(point) {
    let [low, high] = [0, this.runs.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.runs[middle].end <= point) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Bytes of a drop as text; what cannot be decoded alone shows as its sign of replacement. */
export function decode(bytes, encoding) {
  if (encoding === "hz-gb-2312") {
    const high = bytes.some((b) => b >= 0x7f) ? bytes : bytes.map((b) => b);
    return new TextDecoder("gbk").decode(high);
  }
  return new TextDecoder(encoding).decode(bytes);
}

/** The lines of a drop as byte ranges, without their line breaks. */
export function lines(raw, encoding) {
  const wide = encoding === "utf-16le" ? 0 : encoding === "utf-16be" ? 1 : -1;
  const step = wide < 0 ? 1 : 2;
  const unit = (at) => (wide < 0 ? raw[at] : raw[at + wide] | (raw[at + 1 - wide] << 8));
  const found = [];
  let start = 0;
  for (let at = 0; at < raw.length; at += step) {
    if (unit(at) !== 10) continue;
    const end = at > start && unit(at - step) === 13 ? at - step : at;
    found.push([start, end]);
    start = at + step;
  }
  if (start < raw.length) found.push([start, raw.length]);
  return found;
}
