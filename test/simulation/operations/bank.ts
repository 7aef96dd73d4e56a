/** Sends, good and bad, and transactions that never get as far as their messages. */
import { accountAddress, moduleAddress } from "../../../chain/address.ts";
import { MsgMultiSend } from "../../../proto/gen/cosmos/bank/v1beta1/tx.ts";
import { denom, sendOf, startBalance } from "../../helpers/testapplication.ts";
import { fee, type Operation, said, type World } from "../world.ts";

const indexOf = (world: World): number => world.random.below(world.chain.accounts.length);

function multiSend(world: World): Uint8Array {
  const signer = world.account();
  const outputs = Array.from({ length: 1 + world.random.below(4) }, () => ({
    address: world.address(),
    coins: [{ denom, amount: String(world.amount(1000)) }],
  }));
  const total = outputs.reduce((sum, { coins }) => sum + BigInt(coins[0]!.amount), 0n);
  const inputs = [{ address: signer.address, coins: [{ denom, amount: String(total) }] }];
  return world.sign(signer, said(MsgMultiSend, { inputs, outputs }));
}

/** The last message may ask for too much, so that the others are undone. */
function severalMessages(world: World): Uint8Array {
  const signer = world.account();
  const last = world.random.chance(2) ? startBalance * 10n : 1n;
  const messages = [3n, last].flatMap((amount) => sendOf(signer.address, world.address(), amount).messages);
  return world.chain.sign(signer, { messages }, fee());
}

/** With the sequence that the account has, and without counting on: it will be refused before it counts. */
function uncounted(world: World, gas = 200_000n): Uint8Array {
  const index = indexOf(world);
  return world.chain.send(index, world.address(), { gas, sequence: world.chain.accounts[index]!.sequence });
}

function badSignature(world: World): Uint8Array {
  const bytes = uncounted(world);
  bytes[bytes.length - 1]! ^= 1;
  return bytes;
}

/** Any byte changed: refused by decoding or by the signature. */
function mutated(world: World): Uint8Array {
  const bytes = uncounted(world);
  bytes[world.random.below(bytes.length)]! ^= 1 << world.random.below(8);
  return bytes;
}

function wrongSequence(world: World): Uint8Array {
  const index = indexOf(world);
  return world.chain.send(index, world.address(), { sequence: world.chain.accounts[index]!.sequence + 5n });
}

const send = (world: World): Uint8Array =>
  world.chain.send(indexOf(world), world.address(), {
    amount: world.amount(),
    memo: "m".repeat(world.random.below(30)),
  });

const feeCollector = accountAddress.encode(moduleAddress("fee_collector"));

export const bankOperations: readonly Operation[] = [
  { name: "send", weight: 40, make: send },
  { name: "multi-send", weight: 12, make: multiSend },
  { name: "several messages", weight: 8, make: severalMessages },
  {
    name: "send too much",
    weight: 8,
    make: (world) => world.chain.send(indexOf(world), world.address(), { amount: startBalance * 100n }),
  },
  {
    name: "send to a module",
    weight: 4,
    make: (world) => world.chain.send(indexOf(world), feeCollector, { amount: world.amount() }),
  },
  { name: "too little gas", weight: 6, make: (world) => uncounted(world, 1000n) },
  { name: "wrong sequence", weight: 6, make: wrongSequence },
  { name: "bad signature", weight: 6, make: badSignature },
  { name: "garbage", weight: 5, make: ({ random }) => random.bytes(random.below(200)) },
  { name: "mutated", weight: 5, make: mutated },
];
