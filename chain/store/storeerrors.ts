/** The store's own failures, each with what to do about it. Owns the types and texts; ChainError is never one of them. */

/** A write failed: nothing more is accepted, and nothing that was acknowledged is lost. */
export class StoreStopped extends Error {
  constructor(doing: string, cause: unknown) {
    super(
      `the store stopped: ${doing} failed (${reasonOf(cause)}); every acknowledged height is safe. ` +
        `Clear the fault (${adviceFor(cause)}), then start again`,
      { cause },
    );
    this.name = "StoreStopped";
  }
}

/** What is on disk is not what was written. */
export class StoreCorrupt extends Error {
  constructor(what: string) {
    super(
      `${what}. The data cannot be trusted, so the store does not open. To recover: restore a snapshot or ` +
        "state-sync into an empty data folder, or put back a copy of this folder made before the damage",
    );
    this.name = "StoreCorrupt";
  }
}

export class StoreLocked extends Error {
  constructor(directory: string, holder: string) {
    super(
      `${directory} is in use by ${holder}: two processes must never write one state. Stop the other one, ` +
        "or give this one its own home",
    );
    this.name = "StoreLocked";
  }
}

export class HeightNotRetained extends Error {
  readonly height: number;
  readonly oldest: number;
  readonly newest: number;

  constructor(height: number, oldest: number, newest: number) {
    super(
      newest === 0
        ? `height ${height} is not available: nothing is committed yet`
        : `height ${height} is not available: this node keeps heights ${oldest} to ${newest}; ask one of those, or a node that prunes less`,
    );
    this.name = "HeightNotRetained";
    this.height = height;
    this.oldest = oldest;
    this.newest = newest;
  }
}

/** The height is here, and the store was not there yet, or no more. */
export class NoStoreAtHeight extends HeightNotRetained {
  constructor(store: string, height: number, newest: number) {
    super(height, height, newest);
    this.name = "NoStoreAtHeight";
    this.message = `there is no store "${store}" at height ${height}: an upgrade added it later, or removed it before`;
  }
}

/** A snapshot that is offered or restored is not what it claims to be. */
export class SnapshotRejected extends Error {
  constructor(why: string) {
    super(`the snapshot is rejected: ${why}. Nothing of it was kept; try another snapshot or another peer`);
    this.name = "SnapshotRejected";
  }
}

/** Called in a way that the caller's own code must never do: a defect, not a condition. */
export class StoreMisuse extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "StoreMisuse";
  }
}

export class StoreBusy extends Error {
  constructor(what: string) {
    super(`${what}; ask again later`);
    this.name = "StoreBusy";
  }
}

export const reasonOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));

export const codeOf = (cause: unknown): string | undefined =>
  cause instanceof Error && "code" in cause && typeof cause.code === "string" ? cause.code : undefined;

/** What to do by what the system says: Node gives its codes, LevelDB only its texts. */
const faults: readonly (readonly [RegExp, string])[] = [
  [/ENOSPC|EDQUOT|No space|quota exceeded/, "free disk space"],
  [/EROFS|Read-only/, "mount the disk writable"],
  [/EACCES|EPERM|Permission denied|not permitted/, "give this user write permission"],
  [/EMFILE|ENFILE|Too many open/, "raise the limit of open files"],
  [/EIO|Input\/output|ENOMEM|Cannot allocate/, "check the disk and the memory"],
];

const textOf = (cause: unknown): string => `${codeOf(cause)} ${reasonOf(cause)}`;

/** Whether the system failed, and not what is on disk. */
export const isSystemFault = (cause: unknown): boolean => faults.some(([fault]) => fault.test(textOf(cause)));

const adviceFor = (cause: unknown): string =>
  faults.find(([fault]) => fault.test(textOf(cause)))?.[1] ?? "check the disk";
