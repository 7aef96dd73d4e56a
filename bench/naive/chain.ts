/**
 * The same application built the obvious way: cosmjs-types decodes, noble verifies and hashes, LevelDB is awaited, the tree is made of
 * objects. It keeps every rule that a send exercises (memo, fee, sequence, signature, gas, events), so that the comparison is fair.
 */

import { fromBech32, toBech32 } from "@cosmjs/encoding";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { ripemd160 } from "@noble/hashes/legacy.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { BaseAccount } from "cosmjs-types/cosmos/auth/v1beta1/auth.js";
import { MsgSend } from "cosmjs-types/cosmos/bank/v1beta1/tx.js";
import { PubKey } from "cosmjs-types/cosmos/crypto/secp256k1/keys.js";
import { AuthInfo, SignDoc, TxBody, TxRaw } from "cosmjs-types/cosmos/tx/v1beta1/tx.js";
import { Level } from "level";
import { insert, rootHash, type TreeNode } from "./tree.ts";

export interface NaiveResult {
  readonly code: number;
  readonly log: string;
  readonly gasUsed: bigint;
  readonly events: { type: string; attributes: { key: string; value: string }[] }[];
}

type Events = NaiveResult["events"];

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString("latin1");
const collector = toBech32("weir", sha256(Buffer.from("fee_collector")).slice(0, 20));

export class NaiveChain {
  readonly #db: Level<string, Uint8Array>;
  readonly #chainId: string;
  #tree: TreeNode | undefined;
  #writes = new Map<string, Uint8Array>();
  #height = 0;
  readonly #undo: [string, Uint8Array | undefined][] = [];

  constructor(directory: string, chainId: string) {
    this.#db = new Level<string, Uint8Array>(directory, { valueEncoding: "view" });
    this.#chainId = chainId;
  }

  setAccount(address: string, accountNumber: bigint, denom: string, amount: bigint): void {
    this.#setAccount(BaseAccount.fromPartial({ address, accountNumber }));
    this.#setBalance(address, denom, amount);
  }

  async finalizeBlock(txs: readonly Uint8Array[]): Promise<{ results: NaiveResult[]; appHash: Uint8Array }> {
    const results: NaiveResult[] = [];
    for (const bytes of txs) results.push(await this.#deliver(bytes));
    this.#height++;
    for (const key of [...this.#writes.keys()].sort())
      this.#tree = insert(this.#tree, key, this.#writes.get(key)!, this.#height);
    return { results, appHash: rootHash(this.#tree) };
  }

  async commit(): Promise<void> {
    const batch = [...this.#writes].map(([key, value]) => ({ type: "put" as const, key, value }));
    await this.#db.batch(batch, { sync: true });
    this.#writes = new Map();
  }

  close(): Promise<void> {
    return this.#db.close();
  }

  async #deliver(bytes: Uint8Array): Promise<NaiveResult> {
    this.#undo.length = 0;
    let gasUsed = 0n;
    const events: Events = [];
    try {
      gasUsed = await this.#run(bytes, events);
      return { code: 0, log: "", gasUsed, events };
    } catch (error) {
      for (const [key, value] of this.#undo.toReversed()) {
        if (value === undefined) this.#writes.delete(key);
        else this.#writes.set(key, value);
      }
      return { code: 1, log: error instanceof Error ? error.message : String(error), gasUsed, events };
    }
  }

  async #run(bytes: Uint8Array, events: Events): Promise<bigint> {
    const raw = TxRaw.decode(bytes);
    const body = TxBody.decode(raw.bodyBytes);
    const authInfo = AuthInfo.decode(raw.authInfoBytes);
    if (body.memo.length > 256) throw new Error("memo too large");
    const signerInfo = authInfo.signerInfos[0]!;
    const publicKey = PubKey.decode(signerInfo.publicKey!.value).key;
    const address = toBech32("weir", ripemd160(sha256(publicKey)));
    const account = await this.#account(address);
    for (const { denom, amount } of authInfo.fee!.amount)
      await this.#move(address, collector, denom, BigInt(amount), events);
    events.push({ type: "tx", attributes: [{ key: "fee_payer", value: address }] });
    const { bodyBytes, authInfoBytes } = raw;
    const signDoc = SignDoc.encode({
      bodyBytes,
      authInfoBytes,
      chainId: this.#chainId,
      accountNumber: account.accountNumber,
    }).finish();
    if (account.sequence !== signerInfo.sequence) throw new Error("account sequence mismatch");
    if (!secp256k1.verify(raw.signatures[0]!, signDoc, publicKey)) throw new Error("signature verification failed");
    const sequence = account.sequence + 1n;
    this.#setAccount(BaseAccount.fromPartial({ ...account, pubKey: signerInfo.publicKey!, sequence }));
    for (const { typeUrl, value } of body.messages) {
      if (typeUrl !== "/cosmos.bank.v1beta1.MsgSend") throw new Error(`unknown message ${typeUrl}`);
      const { fromAddress, toAddress, amount } = MsgSend.decode(value);
      if (fromAddress !== address) throw new Error("wrong signer");
      fromBech32(toAddress);
      for (const coin of amount) await this.#move(fromAddress, toAddress, coin.denom, BigInt(coin.amount), events);
    }
    return BigInt(bytes.length) * 10n + 1000n + 50_000n;
  }

  async #move(from: string, to: string, denom: string, amount: bigint, events: Events): Promise<void> {
    const held = await this.#balance(from, denom);
    if (held < amount) throw new Error("insufficient funds");
    this.#setBalance(from, denom, held - amount);
    this.#setBalance(to, denom, (await this.#balance(to, denom)) + amount);
    const coins = `${amount}${denom}`;
    events.push({
      type: "coin_spent",
      attributes: [
        { key: "spender", value: from },
        { key: "amount", value: coins },
      ],
    });
    events.push({
      type: "coin_received",
      attributes: [
        { key: "receiver", value: to },
        { key: "amount", value: coins },
      ],
    });
    events.push({
      type: "transfer",
      attributes: [
        { key: "recipient", value: to },
        { key: "sender", value: from },
      ],
    });
  }

  async #account(address: string): Promise<BaseAccount> {
    const value = await this.#read(text(Uint8Array.of(1, ...fromBech32(address).data)));
    if (value === undefined) throw new Error("unknown address");
    return BaseAccount.decode(value);
  }

  #setAccount(account: BaseAccount): void {
    this.#write(text(Uint8Array.of(1, ...fromBech32(account.address).data)), BaseAccount.encode(account).finish());
  }

  async #balance(address: string, denom: string): Promise<bigint> {
    const value = await this.#read(`${text(Uint8Array.of(2, 20, ...fromBech32(address).data))}${denom}`);
    return value === undefined ? 0n : BigInt(Buffer.from(value).toString());
  }

  #setBalance(address: string, denom: string, amount: bigint): void {
    this.#write(`${text(Uint8Array.of(2, 20, ...fromBech32(address).data))}${denom}`, Buffer.from(String(amount)));
  }

  #write(key: string, value: Uint8Array): void {
    this.#undo.push([key, this.#writes.get(key)]);
    this.#writes.set(key, value);
  }

  async #read(key: string): Promise<Uint8Array | undefined> {
    return this.#writes.get(key) ?? (await this.#db.get(key));
  }
}
