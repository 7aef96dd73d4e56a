/** A keyring's passphrase: asked for as often as allowed, proven, and then known. Owns no prompt (prompt.ts) and no cipher (keyfile.ts). */
import { WrongPassphrase } from "./keyfile.ts";

export interface PassphraseQuestion {
  /** "new" when no key is here yet: the answer should be asked for twice. */
  readonly purpose: "unlock" | "new";
  /** From 1. */
  readonly attempt: number;
  /** Why the answer before was not taken. */
  readonly problem?: string;
}

export interface PassphraseSource {
  /** Asked at most once for a keyring unless it is wrong; never for the `test` backend, and never for public data. */
  readonly passphrase: (question: PassphraseQuestion) => Promise<string>;
  /** How often a wrong passphrase may be given; once unless said otherwise. */
  readonly attempts?: number;
}

export const passphraseLengthMin = 8;

async function requireLength(passphrase: string): Promise<void> {
  const length = [...passphrase.normalize("NFKC")].length;
  if (length >= passphraseLengthMin) return;
  throw new WrongPassphrase(`a passphrase needs ${passphraseLengthMin} characters or more`);
}

type Proof = (passphrase: string) => Promise<void>;

/** Asks until the proof succeeds or the attempts are used up, and remembers what was right. */
export function passphraseLock({ passphrase, attempts = 1 }: PassphraseSource) {
  let known: string | undefined;
  const ask = async (purpose: PassphraseQuestion["purpose"], proof: Proof): Promise<string> => {
    let problem: string | undefined;
    for (let attempt = 1; ; attempt++) {
      const answer = await passphrase({ purpose, attempt, ...(problem === undefined ? {} : { problem }) });
      try {
        await proof(answer);
        known = answer;
        return answer;
      } catch (error) {
        if (!(error instanceof WrongPassphrase) || attempt >= attempts) throw error;
        problem = error.message;
      }
    }
  };
  return {
    /** For a keyring that has none yet. */
    choose: () => ask("new", requireLength),
    known: () => known,
    /** With what was right before; it is wrong where a file came from another keyring. */
    async prove(proof: Proof): Promise<string> {
      if (known === undefined) return ask("unlock", proof);
      try {
        await proof(known);
        return known;
      } catch (error) {
        if (!(error instanceof WrongPassphrase)) throw error;
        return ask("unlock", proof);
      }
    },
  };
}
