/** Time, as daemons are given it: what measures and waits takes one of these, so that a test decides how time passes. Owns no schedule. */
export interface Clock {
  /** Milliseconds since some moment; never goes back. */
  now(): number;
  /** Calls `action` once, later; the function that it gives takes that back. */
  after(millis: number, action: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  after: (millis, action) => {
    const timer = setTimeout(action, millis);
    return () => clearTimeout(timer);
  },
};
