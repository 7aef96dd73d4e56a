/** File operations that fail, or end the process, at a chosen call: for tests of durability. Works across the threads of a store. */
import { type Files, nodeFiles } from "../../chain/store/files.ts";
import type { FilesSource } from "../../chain/store/filessource.ts";

/** EIO before anything happened; ENOSPC after half of a write; a short write that is no error; the process killed before or after half. */
export const faults = ["EIO", "ENOSPC", "short", "killBefore", "killHalfway"] as const;
export type Fault = (typeof faults)[number];

const slots = { calls: 0, failAt: 1, fault: 2, sticky: 3 } as const;

/** Shared by all threads that use the files. */
export class FaultPlan {
  readonly #shared: Int32Array;

  constructor(shared = new Int32Array(new SharedArrayBuffer(16))) {
    this.#shared = shared;
  }

  get source(): FilesSource {
    return { module: import.meta.url, argument: this.#shared };
  }

  get files(): Files {
    return createFiles(this.#shared);
  }

  /** Calls that change something on disk, so far. */
  get calls(): number {
    return Atomics.load(this.#shared, slots.calls);
  }

  /** Counts from now: the call with this number (from 1) fails, and, when sticky, every later one. */
  failAt(call: number, fault: Fault, sticky = true): void {
    Atomics.store(this.#shared, slots.failAt, 0);
    Atomics.store(this.#shared, slots.calls, 0);
    Atomics.store(this.#shared, slots.fault, faults.indexOf(fault));
    Atomics.store(this.#shared, slots.sticky, sticky ? 1 : 0);
    Atomics.store(this.#shared, slots.failAt, call);
  }

  clear(): void {
    Atomics.store(this.#shared, slots.failAt, 0);
  }
}

export function createFiles(argument: unknown): Files {
  if (!(argument instanceof Int32Array)) throw new Error("faulty files need their shared plan");
  const plan = argument;
  const due = (): Fault | undefined => {
    const call = Atomics.add(plan, slots.calls, 1) + 1;
    const failAt = Atomics.load(plan, slots.failAt);
    const now = failAt > 0 && (call === failAt || (call > failAt && plan[slots.sticky] === 1));
    return now ? faults[plan[slots.fault]!] : undefined;
  };
  return { ...nodeFiles, ...changing(due), open: openWith(due), write: writeWith(due) };
}

/** Operations that either happen or do not. */
function changing(due: () => Fault | undefined): Partial<Files> {
  const guarded =
    <A extends unknown[]>(work: (...args: A) => void) =>
    (...args: A): void => {
      const fault = due();
      if (fault !== "EIO" && fault !== "ENOSPC" && fault !== "killBefore") work(...args);
      if (fault !== undefined && fault !== "short") fail(fault);
    };
  return {
    dataSync: guarded(nodeFiles.dataSync),
    sync: guarded(nodeFiles.sync),
    truncate: guarded(nodeFiles.truncate),
    rename: guarded(nodeFiles.rename),
    unlink: guarded(nodeFiles.unlink),
    removeTree: guarded(nodeFiles.removeTree),
    makeDirectory: guarded(nodeFiles.makeDirectory),
    syncDirectory: guarded(nodeFiles.syncDirectory),
  };
}

const openWith =
  (due: () => Fault | undefined): Files["open"] =>
  (path, flags) => {
    const fault = flags === "r" || flags === "r+" ? undefined : due();
    if (fault === undefined || fault === "short") return nodeFiles.open(path, flags);
    if (fault === "killHalfway") nodeFiles.open(path, flags);
    return fail(fault);
  };

const writeWith =
  (due: () => Fault | undefined): Files["write"] =>
  (file, source, offset, length, position) => {
    const fault = due();
    if (fault === undefined) return nodeFiles.write(file, source, offset, length, position);
    const part = fault === "short" ? Math.max(1, length >> 1) : length >> 1;
    const written =
      fault === "EIO" || fault === "killBefore" ? 0 : nodeFiles.write(file, source, offset, part, position);
    return fault === "short" ? written : fail(fault);
  };

function fail(fault: Fault): never {
  if (fault === "killBefore" || fault === "killHalfway") process.kill(process.pid, "SIGKILL");
  throw Object.assign(new Error(`${fault}: injected`), { code: fault });
}
