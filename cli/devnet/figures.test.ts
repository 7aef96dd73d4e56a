/** Numbers as the devnet shows them. */
import { describe, expect, it } from "vitest";
import { bar, bytesText, decimals, mbps, priceText, shareText } from "./figures.ts";

describe("figures", () => {
  it("show millionths with as many digits as there is room for, cut off", () => {
    expect([decimals(1_129_999_999n, 3), decimals(999n, 6), decimals(-1_500_000n, 2), decimals(2_000_000n, 0)]).toEqual(
      ["1,129.999", "0.000999", "-1.50", "2"],
    );
    expect(decimals(600_000_000_000_000n, 0)).toBe("600,000,000");
  });

  it("show rates, prices, shares and bytes", () => {
    expect(mbps(12_345_678n)).toBe("12.3");
    expect(priceText(10_500_000_000_000_000n, 6)).toBe("0.010500");
    expect([shareText(156_250_000_000_000_000n), shareText(1_000_000_000_000_000_000n)]).toEqual([".15", "1.00"]);
    expect([bytesText(0), bytesText(1023n), bytesText(4 << 20)]).toEqual(["0 B", "1023 B", "4.0 MiB"]);
  });

  it("draw a bar of what is there, full at most and of nothing where there is no whole", () => {
    const look = { full: "#", empty: "." };
    expect([bar(5, 10, 4, look), bar(12, 10, 4, look), bar(-1, 10, 4, look), bar(1, 0, 4, look)]).toEqual([
      "##..",
      "####",
      "....",
      "....",
    ]);
  });
});
