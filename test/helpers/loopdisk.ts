/** A real ext4 file system in a file, on a loop device, whose power can be cut. Linux and root only. */
import { execFileSync, spawn } from "node:child_process";
import {
  closeSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** EXT4_IOC_SHUTDOWN with EXT4_GOING_FLAGS_NOLOGFLUSH: from that moment nothing more reaches the disk, the journal's memory included. */
const cutProgram = `
import fcntl, os, struct, sys
disk = os.open(sys.argv[1], os.O_RDONLY)
print("ready", flush=True)
sys.stdin.readline()
fcntl.ioctl(disk, 0x8004587D, struct.pack("I", 2))
print("cut", flush=True)
`;

/** Why this machine cannot do it; undefined when it can. */
export function whyNoLoopDisk(): string | undefined {
  if (process.platform !== "linux") return "it needs Linux";
  if (process.getuid?.() !== 0) return "it needs root, to mount a file system";
  try {
    new LoopDisk(16).remove();
    return undefined;
  } catch (error) {
    return `no ext4 file system can be made and mounted here (${error instanceof Error ? error.message.split("\n")[0] : error})`;
  }
}

export class LoopDisk {
  readonly path: string;
  readonly #root = mkdtempSync(join(tmpdir(), "weir-disk-"));
  readonly #image: string;

  constructor(mebibytes: number) {
    this.#image = join(this.#root, "image");
    this.path = join(this.#root, "disk");
    mkdirSync(this.path);
    writeFileSync(this.#image, "");
    truncateSync(this.#image, mebibytes << 20);
    try {
      execFileSync("mkfs.ext4", ["-q", "-F", this.#image], { stdio: "pipe" });
      this.#mount();
    } catch (error) {
      rmSync(this.#root, { recursive: true, force: true });
      throw error;
    }
  }

  /** Resolves when the power can be cut in an instant: with a way to do it. */
  async armCut(): Promise<() => Promise<void>> {
    const knife = spawn("python3", ["-c", cutProgram, this.path], { stdio: ["pipe", "pipe", "inherit"] });
    await said(knife.stdout, "ready");
    return async () => {
      const ended = new Promise((resolve) => knife.once("close", resolve));
      const cut = said(knife.stdout, "cut");
      knife.stdin.end("\n");
      await cut;
      await ended;
    };
  }

  /** What a machine does when the power is back: the file system recovers from its journal. */
  remount(): void {
    execFileSync("umount", [this.path], { stdio: "pipe" });
    this.#mount();
  }

  /** Takes all space but some `bytes`. */
  fill(bytes: number): void {
    const filler = openSync(join(this.path, "filler"), "w");
    const piece = Buffer.alloc(1 << 16);
    let length = 0;
    try {
      for (;;) length += writeSync(filler, piece);
    } catch (error) {
      if (!String(error).includes("ENOSPC")) throw error;
      ftruncateSync(filler, Math.max(0, length - bytes));
      fsyncSync(filler);
    } finally {
      closeSync(filler);
    }
  }

  free(): void {
    rmSync(join(this.path, "filler"), { force: true });
  }

  remove(): void {
    execFileSync("umount", [this.path], { stdio: "pipe" });
    rmSync(this.#root, { recursive: true, force: true });
  }

  #mount(): void {
    execFileSync("mount", ["-o", "loop", this.#image, this.path], { stdio: "pipe" });
  }
}

function said(stream: NodeJS.ReadableStream, word: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let text = "";
    stream.on("data", (bytes: Buffer) => {
      text += bytes.toString();
      if (text.includes(word)) resolve();
    });
    stream.once("end", () => reject(new Error(`the power was not cut: python3 ended before it said "${word}"`)));
  });
}
