/** First step: what can be refused by looking at the transaction alone. Order and texts are the SDK's ValidateBasic. */
import { accountAddress } from "../../address.ts";
import { coinsFromProto, formatCoins } from "../../coins.ts";
import { ChainError, sdk } from "../../errors.ts";
import { requiredSigners } from "../signers.ts";
import type { DecodedTx } from "../types.ts";

export const messagesMax = 16;
export const feeCoinsMax = 16;
/** Gas is signed in ABCI. */
const gasLimitMax = (1n << 63n) - 1n;

/** The SDK returns these without a registered error. */
const unregistered = (text: string): ChainError => new ChainError("undefined", 1, text);

export function checkLimits(tx: DecodedTx, maxGasPerBlock: bigint | undefined): void {
  const { body, authInfo, messages, signatures } = tx;
  checkMessageCount(messages.length);
  const { fee } = authInfo;
  if (fee === undefined) throw unregistered("missing fee");
  if (maxGasPerBlock !== undefined && fee.gasLimit > maxGasPerBlock)
    throw sdk.invalidGasLimit(`tx gas limit ${fee.gasLimit} exceeds block max gas ${maxGasPerBlock}`);
  if (body.extensionOptions.length > 0 || body.nonCriticalExtensionOptions.length > 0)
    throw sdk.unknownExtensionOptions();
  if (body.unordered) throw sdk.notSupported("unordered transactions are not enabled");
  if (authInfo.tip !== undefined) throw sdk.notSupported("tips are not supported; leave auth_info.tip out");
  for (const { handler, value } of messages) handler.validate(value);
  if (fee.gasLimit > gasLimitMax) throw sdk.invalidRequest(`invalid gas supplied; ${fee.gasLimit} > ${gasLimitMax}`);
  checkFee(tx);
  if (signatures.length === 0) throw sdk.noSignatures();
  checkCounts(tx, requiredSigners(tx).length);
}

function checkMessageCount(count: number): void {
  if (count === 0) throw sdk.invalidRequest("must contain at least one message");
  if (count > messagesMax)
    throw sdk.invalidRequest(
      `the transaction holds ${count} messages, at most ${messagesMax} are allowed; send several`,
    );
}

function checkFee({ authInfo }: DecodedTx): void {
  const { amount, payer, granter } = authInfo.fee!;
  if (amount.length > feeCoinsMax)
    throw sdk.invalidRequest(`the fee has ${amount.length} coins, at most ${feeCoinsMax} are allowed`);
  if (amount.some((coin) => coin.amount === "")) throw sdk.insufficientFee("invalid fee provided: null");
  const fee = coinsFromProto(amount);
  if (fee.some((coin) => coin.amount < 0n)) throw sdk.insufficientFee(`invalid fee provided: ${formatCoins(fee)}`);
  if (payer !== "") checkAddress(payer, "payer");
  if (granter !== "") checkAddress(granter, "granter");
}

function checkAddress(text: string, role: string): void {
  try {
    accountAddress.decode(text);
  } catch (error) {
    if (!(error instanceof ChainError)) throw error;
    throw sdk.invalidAddress(`Invalid fee ${role} address (${error.message})`);
  }
}

function checkCounts({ signatures, authInfo }: DecodedTx, expected: number): void {
  if (signatures.length !== expected)
    throw sdk.unauthorized(`wrong number of signers; expected ${expected}, got ${signatures.length}`);
  const infos = authInfo.signerInfos.length;
  if (infos !== expected) throw sdk.txDecode(`expected ${expected} signer infos, got ${infos}`);
}
