import type { Clock } from '../clock.js'
import type { Candidates } from './candidates.js'
import type { EjectReason, Endpoint, Standing } from './endpoint.js'
import { isMissing } from './fitness.js'
import type { Group } from './group.js'
import { judge, type Consequence } from './outlier.js'
import type { OutlierPolicy } from './outlier-policy.js'
import { rateOutliers } from './outlier-rates.js'
import type { Outcome } from './outcome.js'
import { RateWindow } from './rate-window.js'
import type { SelectionEvent } from './selection.js'

interface DetectorTools {
  readonly clock: Clock
  readonly policy: OutlierPolicy
  readonly candidates: Candidates
  onEvent(event: SelectionEvent): void
}

/** Draws the consequences of what calls and probes teach: ejects endpoints, gives them back, and tells. */
export class OutlierDetector {
  readonly #clock: Clock
  readonly #policy: OutlierPolicy
  readonly #candidates: Candidates
  readonly #onEvent: (event: SelectionEvent) => void
  readonly #window: RateWindow

  constructor({ clock, policy, candidates, onEvent }: DetectorTools) {
    this.#clock = clock
    this.#policy = policy
    this.#candidates = candidates
    this.#onEvent = onEvent
    this.#window = new RateWindow(clock, policy.intervalMs)
  }

  /** It asked not to be called for so long. */
  pause(endpoint: Endpoint, ms: number): void {
    if (!this.#candidates.endpoints.includes(endpoint) || ms <= 0) return
    const forMs = Math.min(ms, this.#policy.longestMs)
    if (!endpoint.pause(forMs, this.#clock.now())) return
    this.#candidates.reconsider(endpoint)
    this.#onEvent({ type: 'endpoint.ejected', id: endpoint.instance.id, reason: 'busy', forMs })
  }

  /**
   * Takes in what probes found. A passing one returns an ejected endpoint at once, save one that asked for a pause, and is
   * an answer of one that the store lists no more.
   */
  settleProbe(endpoint: Endpoint, verdict: 'passing' | 'failing', reason?: string): void {
    const isNews = endpoint.probed !== verdict
    const { id } = endpoint.instance
    endpoint.probed = verdict
    if (!this.#candidates.endpoints.includes(endpoint)) return
    const isOut = endpoint.ejectedFor !== undefined && endpoint.ejectedFor !== 'busy'
    const speaksAgainst = verdict === 'passing' && (isOut || isMissing(endpoint))
    if (speaksAgainst) endpoint.answered()
    if (isNews || speaksAgainst) this.#candidates.reconsider(endpoint)
    if (isNews)
      this.#onEvent({ type: 'endpoint.probed', id, verdict, ...(reason !== undefined && { reason }) })
    if (verdict === 'passing' && isOut) this.#apply('giveBack', endpoint)
  }

  /** Takes in how a call ended, after it was recorded. */
  settle(endpoint: Endpoint, outcome: Outcome, began: Standing): void {
    if (outcome !== 'ok' || endpoint.ejectedFor !== undefined) this.#follow(endpoint, outcome, began)
    if (this.#window.isOver()) this.#judgeRates()
  }

  #follow(endpoint: Endpoint, outcome: Outcome, began: Standing): void {
    const consequence = judge(endpoint, outcome, began, this.#policy, this.#mayEject)
    // The last calls to one that has left the set may well fail: nobody needs to hear of it.
    const group = consequence === 'none' ? undefined : this.#candidates.groupOf(endpoint)
    if (consequence !== 'none' && group) this.#apply(consequence, endpoint, group)
  }

  #apply(consequence: Exclude<Consequence, 'none'>, endpoint: Endpoint, group?: Group): void {
    const { id } = endpoint.instance
    const now = this.#clock.now()
    let forMs = 0
    if (consequence === 'giveBack') endpoint.giveBack(now)
    else if (consequence === 'tryAgain') endpoint.tryAgain(now)
    else if (consequence === 'confirm') endpoint.confirmRefused()
    else forMs = endpoint.eject(consequence, now, this.#policy)
    // Told at last: a listener that picks or asks for an explanation must not meet what is no more so.
    this.#candidates.reconsider(endpoint, group)
    if (consequence === 'giveBack') this.tellReturned(endpoint)
    if (forMs > 0) this.#onEvent({ type: 'endpoint.ejected', id, reason: consequence as EjectReason, forMs })
  }

  /** To be called for those that came back by the store's word. */
  tellReturned({ instance }: Endpoint): void {
    this.#onEvent({ type: 'endpoint.returned', id: instance.id })
  }

  /** An interval is over: whoever did worse than the others goes, as long as any more may. */
  #judgeRates(): void {
    const inService = this.#candidates.endpoints.filter(({ ejectedFor }) => ejectedFor === undefined)
    for (const { endpoint, reason } of rateOutliers(inService, this.#policy)) {
      if (this.#candidates.mayEject()) this.#apply(reason, endpoint)
    }
    for (const endpoint of this.#candidates.endpoints) endpoint.startWindow()
  }

  readonly #mayEject = (): boolean => this.#candidates.mayEject()
}
