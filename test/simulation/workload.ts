/** Random blocks from a seed: good transactions and every kind of bad one. Owns what is sent; the chain under test owns what becomes of it. */

import { accountAddress, moduleAddress } from "../../chain/address.ts";
import { messageCodec } from "../../chain/codec.ts";
import { MsgMultiSend } from "../../proto/gen/cosmos/bank/v1beta1/tx.ts";
import { type Random, seededRandom } from "../helpers/random.ts";
import {
  denom,
  sendOf,
  startBalance,
  type TestAccount,
  type TestApplication,
  testAccount,
} from "../helpers/testapplication.ts";

const txsPerBlockMax = 12;
/** Beyond these, accounts are ones that the chain has not seen. */
const strangers = 40;

type Kind =
  | "send"
  | "multiSend"
  | "severalMessages"
  | "tooMuch"
  | "blocked"
  | "lowGas"
  | "wrongSequence"
  | "badSignature"
  | "garbage"
  | "mutated";

const weights: readonly (readonly [Kind, number])[] = [
  ["send", 40],
  ["multiSend", 12],
  ["severalMessages", 8],
  ["tooMuch", 8],
  ["blocked", 4],
  ["lowGas", 6],
  ["wrongSequence", 6],
  ["badSignature", 6],
  ["garbage", 5],
  ["mutated", 5],
];

export class Workload {
  readonly #random: Random;
  readonly #chain: TestApplication;
  readonly made = new Map<Kind, number>();

  constructor(chain: TestApplication, seed: number) {
    this.#chain = chain;
    this.#random = seededRandom(seed);
  }

  block(): Uint8Array[] {
    return Array.from({ length: this.#random.below(txsPerBlockMax + 1) }, () => this.#transaction());
  }

  #kind(): Kind {
    let at = this.#random.below(weights.reduce((sum, [, weight]) => sum + weight, 0));
    for (const [kind, weight] of weights) {
      if (at < weight) return kind;
      at -= weight;
    }
    return "send";
  }

  #transaction(): Uint8Array {
    const kind = this.#kind();
    this.made.set(kind, (this.made.get(kind) ?? 0) + 1);
    const index = this.#random.below(this.#chain.accounts.length);
    const signer = this.#chain.accounts[index]!;
    const amount = BigInt(1 + this.#random.below(1_000_000));
    switch (kind) {
      case "send":
        return this.#chain.send(index, this.#receiver(), { amount, memo: "m".repeat(this.#random.below(30)) });
      case "multiSend":
        return this.#multiSend(signer);
      case "severalMessages":
        return this.#severalMessages(signer);
      case "tooMuch":
        return this.#chain.send(index, this.#receiver(), { amount: startBalance * 100n });
      case "blocked":
        return this.#chain.send(index, accountAddress.encode(moduleAddress("fee_collector")), { amount });
      case "lowGas":
        return this.#lowGas(index);
      case "wrongSequence":
        return this.#chain.send(index, this.#receiver(), { sequence: signer.sequence + 5n });
      case "badSignature":
        return this.#badSignature(index);
      case "garbage":
        return this.#random.bytes(this.#random.below(200));
      case "mutated":
        return this.#mutated(index);
    }
  }

  #receiver(): string {
    return testAccount(this.#random.below(strangers)).address;
  }

  #multiSend(signer: TestAccount): Uint8Array {
    const outputs = Array.from({ length: 1 + this.#random.below(4) }, () => ({
      address: this.#receiver(),
      coins: [{ denom, amount: String(1 + this.#random.below(1000)) }],
    }));
    const total = outputs.reduce((sum, { coins }) => sum + BigInt(coins[0]!.amount), 0n);
    const value = { inputs: [{ address: signer.address, coins: [{ denom, amount: String(total) }] }], outputs };
    return this.#chain.sign(signer, { messages: [{ codec: messageCodec(MsgMultiSend), value }] }, fee());
  }

  /** The last message may ask for too much, so that the others are undone. */
  #severalMessages(signer: TestAccount): Uint8Array {
    const last = this.#random.chance(2) ? startBalance * 10n : 1n;
    const messages = [
      ...sendOf(signer.address, this.#receiver(), 3n).messages,
      ...sendOf(signer.address, this.#receiver(), last).messages,
    ];
    return this.#chain.sign(signer, { messages }, fee());
  }

  /** Too little for the ante steps: the sequence does not move. */
  #lowGas(index: number): Uint8Array {
    return this.#chain.send(index, this.#receiver(), { gas: 1000n, sequence: this.#chain.accounts[index]!.sequence });
  }

  #badSignature(index: number): Uint8Array {
    const bytes = this.#chain.send(index, this.#receiver(), { sequence: this.#chain.accounts[index]!.sequence });
    bytes[bytes.length - 1]! ^= 1;
    return bytes;
  }

  /** Any byte but the signature's changed: refused by decoding or by the signature. */
  #mutated(index: number): Uint8Array {
    const bytes = this.#chain.send(index, this.#receiver(), { sequence: this.#chain.accounts[index]!.sequence });
    bytes[this.#random.below(bytes.length)]! ^= 1 << this.#random.below(8);
    return bytes;
  }
}

const fee = () => ({ amount: [{ denom, amount: 2000n }], gasLimit: 400_000n });
