/** A rising line as a picture: in characters for a terminal, as SVG for a page. Owns the drawing; what is drawn is its caller's. Numbers here are for eyes only. */

export interface Mark {
  readonly label: string;
  readonly value: number;
}

export interface Plot {
  readonly title: string;
  /** Under the line, in words. */
  readonly across: string;
  /** From the left to the right. */
  readonly points: readonly number[];
  /** How far along it is come, 0 to 1. */
  readonly done: number;
  /** Level lines to compare it with. */
  readonly marks: readonly Mark[];
  readonly unit: string;
}

const rows = 14;
const columns = 60;

const highest = ({ points, marks }: Plot): number => Math.max(...points, ...marks.map(({ value }) => value)) * 1.05;
const shown = (value: number): string => value.toPrecision(4);

/** The value at a place from 0 to 1, between two points where it lies so. */
function valueAt(points: readonly number[], place: number): number {
  const at = place * (points.length - 1);
  const low = Math.floor(at);
  const [from, to] = [points[low] ?? 0, points[Math.min(low + 1, points.length - 1)] ?? 0];
  return from + (to - from) * (at - low);
}

/** What is done is filled, what is to come dotted; level lines are dashed. */
export function terminalPlot(plot: Plot): string {
  const top = highest(plot);
  const rowOf = (value: number): number => Math.min(rows - 1, Math.max(0, Math.round((value / top) * (rows - 1))));
  const cells = Array.from({ length: rows }, () => Array.from({ length: columns }, () => " "));
  for (const { value } of plot.marks) cells[rowOf(value)]?.fill("-");
  for (let column = 0; column < columns; column++) {
    const place = column / (columns - 1);
    const line = cells[rowOf(valueAt(plot.points, place))];
    if (line !== undefined) line[column] = place <= plot.done && plot.done > 0 ? "#" : ".";
  }
  const labels = new Map(plot.marks.map(({ label, value }) => [rowOf(value), `${label} ${plot.unit}${shown(value)}`]));
  const lines = cells.map((line, row) => {
    const scale = `${plot.unit}${shown((top * row) / (rows - 1))}`.padStart(12);
    return `${scale} |${line.join("")} ${labels.get(row) ?? ""}`.trimEnd();
  });
  return [
    plot.title,
    ...lines.reverse(),
    `${" ".repeat(13)}+${"-".repeat(columns)}`,
    `${" ".repeat(14)}${plot.across}`,
  ].join("\n");
}

const [width, height, margin] = [640, 360, 56];

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

/** One file without anything from elsewhere; colours that are read on white and on black. */
export function svgPlot(plot: Plot): string {
  const top = highest(plot);
  const x = (place: number): string => (margin + place * (width - 2 * margin)).toFixed(1);
  const y = (value: number): string => (height - margin - (value / top) * (height - 2 * margin)).toFixed(1);
  const along = (from: number, to: number): string =>
    Array.from({ length: 41 }, (_, index) => from + ((to - from) * index) / 40)
      .map((place) => `${x(place)},${y(valueAt(plot.points, place))}`)
      .join(" ");
  const marks = plot.marks.map(
    ({ label, value }) =>
      `  <line x1="${x(0)}" y1="${y(value)}" x2="${x(1)}" y2="${y(value)}" stroke="#888" stroke-dasharray="6 4"/>\n` +
      `  <text x="${x(1)}" y="${y(value)}" dx="4" dy="4" font-size="11">${escaped(label)} ${escaped(plot.unit)}${shown(value)}</text>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width + 90} ${height}" font-family="sans-serif" fill="#666" role="img">`,
    `  <title>${escaped(plot.title)}</title>`,
    `  <text x="${margin}" y="28" font-size="15">${escaped(plot.title)}</text>`,
    `  <polyline points="${x(0)},${y(top)} ${x(0)},${y(0)} ${x(1)},${y(0)}" fill="none" stroke="#666"/>`,
    ...marks,
    `  <polyline points="${along(0, 1)}" fill="none" stroke="#c60" stroke-width="2" stroke-dasharray="2 4"/>`,
    `  <polyline points="${along(0, plot.done)}" fill="none" stroke="#c60" stroke-width="4"/>`,
    `  <circle cx="${x(plot.done)}" cy="${y(valueAt(plot.points, plot.done))}" r="5" fill="#c60"/>`,
    `  <text x="${margin}" y="${height - 18}" font-size="12">${escaped(plot.across)}</text>`,
    "</svg>",
    "",
  ].join("\n");
}
