/** What a proof of the beacon takes: the proposer makes one a block, everybody verifies it. Milliseconds of the thread's own time. */
import { prove, publicKeyOf, verify } from "../chain/crypto/ecvrf.ts";
import { sha256 } from "../chain/crypto/hash.ts";
import { proofInput } from "../modules/beacon/proof.ts";
import type { BenchOptions, Figure } from "./figure.ts";

const rounds = 10;
const quickRounds = 3;
const proofsPerRound = 100;
/** Before the figures count: the compiler has seen the code, the table of the base point is made. */
const warmUpProofs = 60;

/** Of this thread alone, so that other programs on the machine do not count. */
function threadMilliseconds(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

function millisecondsEach<T>(items: readonly T[], work: (item: T) => void): number {
  const start = threadMilliseconds();
  for (const item of items) work(item);
  return (threadMilliseconds() - start) / items.length;
}

/** Each block has an input of its own, a validator one key for many blocks. */
const inputsOf = (count: number): Uint8Array[] =>
  Array.from({ length: count }, (_, height) =>
    proofInput({ chainId: "weir-bench-1", height: BigInt(height), beacon: sha256(Buffer.from(`${height}`)) }),
  );

export default async function* vrf({ quick }: BenchOptions): AsyncIterable<Figure> {
  const secret = sha256(Buffer.from("a beacon key"));
  const publicKey = publicKeyOf(secret);
  const check = ({ input, proof }: { readonly input: Uint8Array; readonly proof: Uint8Array }) => {
    if (verify(publicKey, input, proof) === undefined) throw new Error("a good proof was refused");
  };
  for (const input of inputsOf(warmUpProofs)) check({ input, proof: prove(secret, input) });
  const proving: number[] = [];
  const verifying: number[] = [];
  for (let round = 0; round < (quick ? quickRounds : rounds); round++) {
    const inputs = inputsOf(proofsPerRound);
    proving.push(millisecondsEach(inputs, (input) => void prove(secret, input)));
    const made = inputs.map((input) => ({ input, proof: prove(secret, input) }));
    verifying.push(millisecondsEach(made, check));
  }
  yield { bench: "vrf.prove", unit: "ms", params: { goal: "at most 3" }, samples: proving };
  yield { bench: "vrf.verify", unit: "ms", params: { goal: "at most 1.5" }, samples: verifying };
}
