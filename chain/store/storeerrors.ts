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

function adviceFor(cause: unknown): string {
  const code = codeOf(cause) ?? reasonOf(cause);
  if (/ENOSPC|EDQUOT|No space/.test(code)) return "free disk space";
  if (/EROFS/.test(code)) return "mount the disk writable";
  if (/EACCES|EPERM/.test(code)) return "give this user write permission";
  if (/EMFILE|ENFILE/.test(code)) return "raise the limit of open files";
  return "check the disk";
}
