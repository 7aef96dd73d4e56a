/**
 * A cometbft whose clock is wrong: built by Go with one file of its standard library replaced, so that time.Now adds the seconds of
 * WEIR_CLOCK_SKEW_SECONDS. Go asks the kernel for the time itself, past any preloaded library. Timers keep the true pace.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cometModule } from "../../chain/consensus/cometprogram.ts";

const cache = join(import.meta.dirname, "..", "..", ".cache", "comet", "skewed");
const program = join(cache, "cometbft");

const shift = `
var clockSkew = readClockSkew()

func readClockSkew() Duration {
	text, _ := syscall.Getenv("WEIR_CLOCK_SKEW_SECONDS")
	sign, seconds := Duration(1), Duration(0)
	for i := 0; i < len(text); i++ {
		if text[i] == '-' {
			sign = -1
		} else if text[i] >= '0' && text[i] <= '9' {
			seconds = seconds*10 + Duration(text[i]-'0')
		}
	}
	return sign * seconds * Second
}

func Now() Time {
	t := trueNow()
	if clockSkew != 0 {
		monotonic := t.ext
		t = t.Add(clockSkew)
		if t.wall&hasMonotonic != 0 {
			t.ext = monotonic
		}
	}
	return t
}
`;

export function skewedCometBft(): { readonly program: string } | { readonly why: string } {
  if (existsSync(program)) return { program };
  mkdirSync(cache, { recursive: true });
  const building = mkdtempSync(join(cache, "build-"));
  try {
    const root = execFileSync("go", ["env", "GOROOT"], { encoding: "utf8" }).trim();
    const original = join(root, "src", "time", "time.go");
    const source = readFileSync(original, "utf8");
    if (!source.includes("\nfunc Now() Time {")) return { why: "this Go's time.Now is written in another way" };
    const replaced = source
      .replace("\nfunc Now() Time {", "\nfunc trueNow() Time {")
      .replace('import (\n\t"internal/godebug"', 'import (\n\t"syscall"\n\t"internal/godebug"');
    const withImport = replaced.includes('\t"syscall"')
      ? replaced
      : replaced.replace("import (", 'import (\n\t"syscall"');
    writeFileSync(join(building, "time.go"), `${withImport}${shift}`);
    writeFileSync(
      join(building, "overlay.json"),
      JSON.stringify({ Replace: { [original]: join(building, "time.go") } }),
    );
    execFileSync("go", ["install", "-overlay", join(building, "overlay.json"), cometModule], {
      env: { ...process.env, GOBIN: building },
      stdio: "pipe",
    });
    renameSync(join(building, "cometbft"), program);
    return { program };
  } catch (error) {
    return { why: `it cannot be built: ${String(error).split("\n").slice(0, 3).join(" ")}` };
  } finally {
    rmSync(building, { recursive: true, force: true });
  }
}
