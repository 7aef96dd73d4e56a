/** What chain/tx asks of cryptography. It is an argument there, so that tests and hosts choose inline or worker verification. */

export interface SignatureCheck {
  readonly scheme: "secp256k1" | "ed25519";
  /** 33 bytes compressed (secp256k1) or 32 bytes (ed25519). */
  readonly publicKey: Uint8Array;
  /** 64 bytes r‖s, low-S (secp256k1), or 64 bytes (ed25519); any other length is simply false. */
  readonly signature: Uint8Array;
  /** The signed bytes (SignDoc), not their hash. */
  readonly message: Uint8Array;
}

export interface SignatureVerifier {
  /** Never throws: any malformed input is false. May be answered from the cache of positives; never differs from a fresh check. */
  verify(check: SignatureCheck): boolean;
  /**
   * Hints that these checks will be asked for soon, in this order. Workers may start on them; `verify` of the same check then waits
   * for (or steals) the work. A verifier without workers has none.
   */
  prefetch?(checks: readonly SignatureCheck[]): void;
  /** These will be asked for after the ones that were prefetched before. Comes with `prefetch`. */
  prefetchMore?(checks: readonly SignatureCheck[]): void;
  /** These will be asked for in this order, but others between them: several clients send at once. Comes with `prefetch`. */
  prefetchBeside?(checks: readonly SignatureCheck[]): void;
  /** Of the cache of positives, since the start. */
  cacheFigures?(): CacheFigures;
  close(): Promise<void>;
}

export interface CacheFigures {
  readonly hits: number;
  readonly misses: number;
}
