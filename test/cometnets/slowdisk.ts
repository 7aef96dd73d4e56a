/** A disk that is slow for some processes alone, by the kernel's block I/O controller (cgroup v1). Root only. */
import { existsSync, mkdirSync, rmdirSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const controller = "/sys/fs/cgroup/blkio";
/** Of a whole node; an idle one writes about as much. */
const bytesPerSecond = 262_144;

/** Why it cannot be done here; undefined when it can. */
export function whyNoSlowDisk(): string | undefined {
  if (process.getuid?.() !== 0) return "slowing a disk needs root";
  if (!existsSync(join(controller, "blkio.throttle.write_bps_device"))) {
    return "slowing a disk needs the blkio controller of cgroup v1";
  }
  try {
    slowDiskFor([])();
    return undefined;
  } catch (error) {
    return `no disk can be slowed here (${error instanceof Error ? error.message : error})`;
  }
}

/** Until the function that is returned is called. */
export function slowDiskFor(pids: readonly number[]): () => void {
  const group = join(controller, `weir-${process.pid}`);
  mkdirSync(group);
  const move = (to: string) => {
    for (const pid of pids) {
      if (existsSync(`/proc/${pid}`)) writeFileSync(join(to, "cgroup.procs"), String(pid));
    }
  };
  const restore = () => {
    move(controller);
    rmdirSync(group);
  };
  try {
    const device = wholeDisk(statSync(tmpdir()).dev);
    writeFileSync(join(group, "blkio.throttle.write_bps_device"), `${device} ${bytesPerSecond}`);
    move(group);
    return restore;
  } catch (error) {
    restore();
    throw error;
  }
}

/** MAJOR:MINOR as Linux packs them into a device's number. */
const wholeDisk = (device: number): string =>
  `${(device >> 8) & 0xfff}:${(device & 0xff) | ((device >> 12) & 0xfff00)}`;
