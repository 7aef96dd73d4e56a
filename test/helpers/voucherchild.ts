/** A relay's voucher store in a process that is going to be killed: keeps one voucher after the other and says each one's nonce when it is kept. */
import { VoucherStore } from "../../node/relay/voucherstore.ts";

const [directory = "", first = "1"] = process.argv.slice(2);
const store = await VoucherStore.open(directory);
for (let nonce = BigInt(first); ; nonce++) {
  const session = nonce % 3n;
  await store.keep(session, {
    bytes: nonce * 1000n,
    amount: nonce << 70n,
    nonce,
    delivered: nonce,
    signature: new Uint8Array(64).fill(7),
  });
  process.stdout.write(`${nonce}\n`);
}
