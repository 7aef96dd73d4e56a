/**
 * A relay's door: each link says what it wants, and goes to whoever serves that. Owns deadlines, refusals and counts of what came; does not own any
 * of the services. Nothing in here can tell a buyer from an oracle that buys.
 */
import type { Log } from "../../chain/log.ts";
import type { AttestationRange } from "../../proto/gen/weir/attestation/v1/readings.ts";
import { type Open, RefusalCode } from "../../proto/gen/weir/wire/v1/wire.ts";
import type { Clock } from "../clock.ts";
import { textOf } from "../daemon/failure.ts";
import { accept, hear, Refusal, refusal, refuse } from "../transport/opening.ts";
import type { Link } from "../transport/transport.ts";
import { type CountersigningOptions, countersign } from "./countersigning.ts";
import { checkDelivery, type DeliveryOptions } from "./delivery.ts";
import type { PaidForwarding } from "./forwarded.ts";
import type { MeasuredRelay } from "./measured.ts";

export const purposes = ["measure", "ping", "session", "forward", "deliver", "countersign"] as const;
export type ServedPurpose = (typeof purposes)[number];

const openMillisMax = 10_000;
/** Whether anybody is there is asked four times an epoch by each of three oracles, and by clients that look for a relay. */
const pingsPerSecondMax = 50;
/** What has been answered is hung up on by the other end, or by this one after so long. */
const lingerMillisMax = 5_000;

export interface ServingOptions {
  readonly chainId: string;
  readonly measured: MeasuredRelay;
  readonly forwarding: PaidForwarding;
  readonly countersigning: CountersigningOptions;
  readonly delivery: DeliveryOptions;
  readonly clock: Clock;
  readonly log: Log;
  /** Resolves once they are on disk. */
  keep(ranges: readonly AttestationRange[]): Promise<void>;
}

export class Serving {
  readonly #options: ServingOptions;
  readonly #links = new Set<Link>();
  readonly #counts = new Map<ServedPurpose, number>(purposes.map((purpose) => [purpose, 0]));
  #refused = 0;
  #isStopping = false;
  #second = 0;
  #pings = 0;

  constructor(options: ServingOptions) {
    this.#options = options;
  }

  get figures(): {
    readonly links: number;
    readonly refused: number;
    readonly byPurpose: ReadonlyMap<ServedPurpose, number>;
  } {
    return { links: this.#links.size, refused: this.#refused, byPurpose: this.#counts };
  }

  /** A connection that was not taken: counted, and named to nobody. */
  turnedAway(reason: string): void {
    this.#refused++;
    this.#options.log.debug("a connection was not taken", { reason });
  }

  welcome(link: Link): void {
    this.#links.add(link);
    link.stream.on("error", () => undefined);
    link.stream.once("close", () => this.#links.delete(link));
    this.#serve(link).catch((error: unknown) => {
      this.#refused++;
      this.#options.log.debug("a link ended early", { reason: textOf(error) });
      if (!(error instanceof Refusal)) link.stream.destroy();
    });
  }

  /** From now on only those are measured who are being measured. */
  drain(): void {
    this.#isStopping = true;
    this.#options.forwarding.drain();
  }

  cutAll(): void {
    for (const { stream } of this.#links) stream.destroy();
  }

  async #serve(link: Link): Promise<void> {
    const { chainId, measured, forwarding, countersigning, log } = this.#options;
    const open = await hear(link, { chainId, deadlineMillis: openMillisMax });
    const purpose = purposeOf(open);
    if (purpose === undefined) return refuse(link, refusal(RefusalCode.REFUSAL_CODE_MALFORMED, "nothing is asked for"));
    this.#counts.set(purpose, this.#counts.get(purpose)! + 1);
    if (open.session !== undefined) return forwarding.serveSession(link, open.session);
    if (open.forward !== undefined) return forwarding.serveForward(link, open.forward);
    if (open.measure !== undefined)
      return this.#isStopping ? refuse(link, stopping()) : measured.serve(link, open.measure);
    if (open.deliver !== undefined) return this.#takeDelivery(link, open.deliver.ranges);
    if (open.countersign === undefined) return this.#answerPing(link);
    const disagreement = await countersign(link, open.countersign, countersigning);
    if (disagreement !== undefined) log.warn("a transcript was not countersigned", { reason: disagreement });
  }

  #answerPing(link: Link): void {
    const second = Math.floor(this.#options.clock.now() / 1_000);
    if (second !== this.#second) [this.#second, this.#pings] = [second, 0];
    this.#pings++;
    if (this.#pings > pingsPerSecondMax) {
      refuse(link, refusal(RefusalCode.REFUSAL_CODE_FULL, "too many ask at once", 1_000));
      return;
    }
    accept(link);
    hangUp(link);
  }

  async #takeDelivery(link: Link, bytes: Uint8Array): Promise<void> {
    try {
      await this.#options.keep(await checkDelivery(bytes, link.peerKey, this.#options.delivery));
    } catch (error) {
      if (error instanceof Refusal) return refuse(link, error);
      this.#options.log.warn("readings could not be taken", { reason: textOf(error) });
      return refuse(link, refusal(RefusalCode.REFUSAL_CODE_NOT_NOW, "the relay cannot check it now", 1_000));
    }
    accept(link);
    hangUp(link);
  }
}

const stopping = (): Refusal => refusal(RefusalCode.REFUSAL_CODE_DRAINING, "the relay is being stopped");

function hangUp({ stream }: Link): void {
  stream.end();
  stream.resume();
  const late = setTimeout(() => stream.destroy(), lingerMillisMax);
  stream.once("close", () => clearTimeout(late));
}

function purposeOf(open: Open): ServedPurpose | undefined {
  return purposes.find((purpose) => open[purpose] !== undefined);
}
