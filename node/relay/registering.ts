/** What registering a relay takes and says: the bond that its claim asks for, and the message with its proof of possession. Pure but for what the chain is asked. */
import { accountAddress } from "../../chain/address.ts";
import { signEd25519 } from "../../chain/crypto/sign.ts";
import { decFromProto, decOne, decToProto, parseDec } from "../../chain/dec.ts";
import { transportPossessionInput } from "../../modules/attestation/keys.ts";
import * as attestation from "../../proto/gen/weir/attestation/v1/query.ts";
import { MsgRegisterRelay, Notice, Payout } from "../../proto/gen/weir/attestation/v1/tx.ts";
import { QueryBondRateRequest, QueryBondRateResponse } from "../../proto/gen/weir/rewards/v1/query.ts";
import { fatal, textOf } from "../daemon/failure.ts";
import type { ChainAnswers } from "../measurement/epochfacts.ts";
import type { Identity } from "../transport/transport.ts";
import { ask } from "./report.ts";
import { exitPolicyOf, type RelaySettings } from "./settings.ts";

export interface BondTerms {
  /** What the claim asks for today. */
  readonly required: bigint;
  /** Of any relay. */
  readonly least: bigint;
  /** Below this share of the least one a relay takes part in nothing; in 10⁻¹⁸. */
  readonly floor: bigint;
  readonly unbondingSeconds: bigint;
}

export async function bondTerms(chain: ChainAnswers, claimBps: bigint): Promise<BondTerms> {
  const path = "/weir.attestation.v1.Query/Params";
  const [{ params }, { rate }] = await Promise.all([
    ask(chain, path, [attestation.QueryParamsRequest, {}], attestation.QueryParamsResponse),
    ask(chain, "/weir.rewards.v1.Query/BondRate", [QueryBondRateRequest, {}], QueryBondRateResponse),
  ]);
  if (params === undefined) throw fatal("the chain answered without attestation's parameters; expected them");
  const least = BigInt(params.relayBondMin);
  const asked = (decFromProto(rate) * claimBps + decOne - 1n) / decOne;
  return {
    required: asked > least ? asked : least,
    least,
    floor: decFromProto(params.bondFloor),
    unbondingSeconds: params.unbondingTime?.seconds ?? 0n,
  };
}

const weir = 1_000_000n;
/** A rate that rises by a tenth in an epoch leaves the relay with its bond whole. */
const spareDivisor = 10n;

/** A tenth above what is asked for, in whole WEIR. */
export const advisedBond = ({ required }: BondTerms): bigint =>
  ((required + required / spareDivisor + weir - 1n) / weir) * weir;

const payouts = { stable: Payout.PAYOUT_STABLE, weir: Payout.PAYOUT_WEIR } as const;
const notices = { none: Notice.NOTICE_NONE, long: Notice.NOTICE_LONG } as const;

function share(name: string, text: string): string {
  try {
    return decToProto(parseDec(text));
  } catch (error) {
    throw fatal(`offer.${name} is ${JSON.stringify(text)}: ${textOf(error)}; expected a share such as "0.1"`);
  }
}

export interface Registration {
  readonly settings: RelaySettings;
  readonly operator: string;
  readonly identity: Identity;
  readonly bond: bigint;
  readonly softwareVersion: string;
}

export function registerMessage({
  settings,
  operator,
  identity,
  bond,
  softwareVersion,
}: Registration): MsgRegisterRelay {
  const { offer, endpoint, chainId } = settings;
  const possession = signEd25519(identity.seed, transportPossessionInput(chainId, accountAddress.decode(operator)));
  return MsgRegisterRelay.fromPartial({
    operator,
    moniker: offer.moniker,
    endpoints: [endpoint],
    transportKey: { publicKey: identity.publicKey, possession },
    claimedBps: offer.claim,
    rttMicros: offer.roundTrip,
    cell: offer.cell,
    exitPolicy: exitPolicyOf(settings),
    priceFloor: offer.priceFloor,
    payout: payouts[offer.payout],
    notice: notices[offer.notice],
    commissionRate: share("commission", offer.commission),
    commissionRateMax: share("commission_max", offer.commissionMax),
    commissionChangeMax: share("commission_change_max", offer.commissionChangeMax),
    bond: `${bond}`,
    softwareVersion,
  });
}

/** By name; asked for a page at a time. */
export async function cellNames(chain: ChainAnswers): Promise<readonly string[]> {
  const pagination = { key: new Uint8Array(0), offset: 0n, limit: cellsMax, countTotal: false, reverse: false };
  const request = [attestation.QueryCellsRequest, { pagination }] as const;
  const { cells } = await ask(chain, "/weir.attestation.v1.Query/Cells", request, attestation.QueryCellsResponse);
  return cells.map(({ name }) => name);
}

const cellsMax = 1_000n;
