import { describe, expect, it } from "vitest";
import { type Plot, svgPlot, terminalPlot } from "./curveplot.ts";

const plot: Plot = {
  ...{ title: "a <line>", across: "0 to 100", points: [0.1, 0.3], done: 0.5, unit: "$" },
  marks: [{ label: "V", value: 0.05 }],
};

describe("a plot", () => {
  it("rises to the right, is filled as far as it is done, and names its level lines", () => {
    const [title, ...lines] = terminalPlot(plot).split("\n");
    expect(title).toBe("a <line>");
    const drawn = lines.slice(0, 14).map((line) => line.slice(14));
    const rowOf = (column: number): number => drawn.findIndex((line) => "#.".includes(line[column] ?? " "));
    expect(rowOf(0)).toBeGreaterThan(rowOf(30));
    expect(rowOf(30)).toBeGreaterThan(rowOf(59));
    expect(drawn[rowOf(10)]![10]).toBe("#");
    expect(drawn[rowOf(50)]![50]).toBe(".");
    expect(lines.find((line) => line.endsWith("V $0.05000"))).toContain("----");
  });

  it("is an SVG that stands by itself, with the point that it is come to", () => {
    const svg = svgPlot(plot);
    expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"[^>]*>\n {2}<title>a &lt;line&gt;<\/title>/);
    expect(svg).toContain('<circle cx="320.0"');
    expect(svg.match(/<polyline/g)).toHaveLength(3);
    expect(svg.endsWith("</svg>\n")).toBe(true);
  });
});
