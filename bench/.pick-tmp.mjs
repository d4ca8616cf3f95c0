// bench/pick.ts
import { measure } from "mitata";

// packages/core/src/clock.ts
var longestTimeoutMs = 2 ** 31 - 1;
var systemClock = {
  now: () => performance.now(),
  wall: () => Date.now(),
  after(ms, fn) {
    const timer = setTimeout(fn, Math.min(ms, longestTimeoutMs));
    return () => clearTimeout(timer);
  }
};

// packages/core/src/instance.ts
var maxWeight = 65535;
var statuses = ["up", "draining", "down"];
function readInstance(record) {
  const { service } = record;
  const id = text(record.id);
  const host = text(record.host);
  const port = typeof record.port === "string" ? Number(record.port) : record.port;
  if (!id) throw new Error("it has no id");
  if (!host) throw new Error("it has no host");
  if (!isPort(port)) throw new Error(`its port is ${JSON.stringify(record.port) ?? "missing"}`);
  const scheme = text(record.scheme) ?? "http";
  const zone = text(record.zone);
  const version = text(record.version);
  return Object.freeze({
    service,
    id,
    host,
    port,
    scheme,
    url: `${scheme}://${host.includes(":") ? `[${host}]` : host}:${port}`,
    weight: isWeight(record.weight) ? record.weight : 1,
    status: statuses.includes(record.status) ? record.status : "up",
    ...zone !== void 0 && { zone },
    ...version !== void 0 && { version },
    tags: Object.freeze(readTags(record.tags)),
    metadata: Object.freeze(readMetadata(record.metadata)),
    incarnation: text(record.incarnation) ?? "",
    registeredAt: typeof record.registeredAt === "number" ? record.registeredAt : 0
  });
}
function isPort(value) {
  return Number.isInteger(value) && value >= 1 && value <= 65535;
}
function isWeight(value) {
  return Number.isInteger(value) && value >= 0 && value <= maxWeight;
}
function text(value) {
  return typeof value === "string" && value !== "" ? value : void 0;
}
function readTags(value) {
  return Array.isArray(value) ? value.filter((tag) => typeof tag === "string") : [];
}
function readMetadata(value) {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return {};
  const pairs = Object.entries(value).filter(([, v]) => v !== null && v !== void 0);
  return Object.fromEntries(pairs.map(([key, v]) => [key, typeof v === "string" ? v : JSON.stringify(v)]));
}

// packages/core/src/random.ts
function xorshift32(seed) {
  let state = seed | 0 || 2654435769 | 0;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state;
  };
}
function fraction(random2) {
  return (random2() >>> 0) / 2 ** 32;
}
function below(random2, n) {
  return Math.floor(fraction(random2) * n);
}

// packages/core/src/selection/balancers/alias-table.ts
var AliasTable = class {
  #threshold;
  #alias;
  /** Weights must not be negative. When all are 0, all are equal. */
  constructor(weights) {
    const n = weights.length;
    this.#threshold = scaled(weights);
    this.#alias = new Uint32Array(n);
    const small = [];
    const large = [];
    for (let i = 0; i < n; i++) (this.#threshold[i] < 1 ? small : large).push(i);
    while (small.length > 0 && large.length > 0) this.#fill(small.pop(), large, small);
    for (const i of [...small, ...large]) this.#threshold[i] = 1;
  }
  /**
   * The index that `u`, in [0, 1), falls on: its whole part in columns, its fraction against the threshold. With 32
   * random bits and 10,000 columns the fraction still has 400,000 steps.
   */
  at(u) {
    const place = u * this.#alias.length;
    const column = Math.floor(place);
    return place - column < this.#threshold[column] ? column : this.#alias[column];
  }
  /** Tops the small one's column up with the last of the large ones, which may become small by that. */
  #fill(i, large, small) {
    const donor = large.at(-1);
    this.#alias[i] = donor;
    this.#threshold[donor] -= 1 - this.#threshold[i];
    if (this.#threshold[donor] < 1) small.push(large.pop());
  }
};
function scaled(weights) {
  const shares = Float64Array.from(weights);
  const total = shares.reduce((sum, weight) => sum + weight, 0);
  return total === 0 ? shares.fill(1) : shares.map((weight) => weight * shares.length / total);
}

// packages/core/src/selection/outlier-policy.ts
var failuresToEject = 5;
var baseMs = 3e4;
var longestMs = 3e5;
var healthyIntervalMs = 1e4;
function ejectionMs(times) {
  return Math.min(baseMs * times, longestMs);
}
function decayed(times, inServiceMs) {
  return Math.max(0, times - Math.floor(inServiceMs / healthyIntervalMs));
}
function mayEject(suspects, pool) {
  return suspects + 1 <= Math.floor(pool / 2);
}

// packages/core/src/selection/sift.ts
function sift(endpoints, now) {
  if (areAllPlain(endpoints)) {
    return { list: endpoints, pool: endpoints.length, suspects: 0, nextReturn: Infinity };
  }
  const up = sortOut(endpoints, "up", now);
  if (up.pool > 0) return settle(up);
  const draining = sortOut(endpoints, "draining", now);
  if (draining.pool > 0) return settle(draining);
  const list = weighty(up.doubtful.length > 0 ? up.doubtful : draining.doubtful);
  return { list, pool: 0, suspects: 0, nextReturn: Math.min(up.nextReturn, draining.nextReturn) };
}
function whyNot(endpoint, now) {
  const { status } = endpoint.instance;
  if (status === "down") return "down";
  const isOut = isEjected(endpoint, now);
  if (isOut && endpoint.ejectedFor === "refused") return "refused";
  if (isMissing(endpoint)) return "missing";
  if (isOut) return "failing";
  return status === "draining" ? "draining" : "weight 0";
}
function sortOut(endpoints, status, now) {
  const fit = [];
  const suspect = [];
  const doubtful = [];
  let nextReturn = Infinity;
  for (const endpoint of endpoints) {
    if (endpoint.instance.status !== status) continue;
    const isOut = isEjected(endpoint, now);
    if (isOut && endpoint.ejectedUntil < nextReturn) nextReturn = endpoint.ejectedUntil;
    const isRefusing = isOut && endpoint.ejectedFor === "refused";
    const missing = isMissing(endpoint);
    if (!isOut && !missing) fit.push(endpoint);
    else if (isRefusing !== missing) doubtful.push(endpoint);
    else if (!missing) suspect.push(endpoint);
  }
  return { fit, suspect, doubtful, pool: fit.length + suspect.length, nextReturn };
}
function settle({ fit, suspect, pool, nextReturn }) {
  const panic = suspect.length > fit.length;
  const list = panic ? [...fit, ...suspect] : fit;
  return { list: weighty(list), pool, suspects: suspect.length, nextReturn };
}
function weighty(endpoints) {
  let having = 0;
  for (const { instance: instance2 } of endpoints) if (instance2.weight > 0) having++;
  if (having === 0 || having === endpoints.length) return endpoints;
  return endpoints.filter(({ instance: instance2 }) => instance2.weight > 0);
}
function areAllPlain(endpoints) {
  for (const { instance: instance2, ejectedFor, held } of endpoints) {
    if (ejectedFor !== void 0 || held || instance2.weight === 0 || instance2.status !== "up") return false;
  }
  return true;
}
function isEjected(endpoint, now) {
  return endpoint.ejectedFor !== void 0 && now < endpoint.ejectedUntil;
}
function isMissing(endpoint) {
  return endpoint.held && endpoint.consecutiveFailures > 0;
}

// packages/core/src/selection/candidates.ts
var Candidates = class {
  #clock;
  #endpoints = [];
  #sifted = sift([], 0);
  #list = [];
  #outdated = false;
  constructor(clock) {
    this.#clock = clock;
  }
  get endpoints() {
    return this.#endpoints;
  }
  /** A new snapshot's endpoints: weights may differ even where the endpoints don't, so the array changes too. */
  replace(endpoints) {
    if (endpoints === this.#endpoints) return;
    this.#endpoints = endpoints;
    this.#list = [];
    this.#outdated = true;
  }
  /** Something learned may have changed who is worth calling. */
  reconsider() {
    this.#outdated = true;
  }
  current() {
    const { nextReturn } = this.#sifted;
    if (this.#outdated || nextReturn !== Infinity && this.#clock.now() >= nextReturn) this.#sift();
    return this.#list;
  }
  /** Whether suspicion may take one more of them out. */
  mayEject() {
    if (this.#outdated) this.#sift();
    return mayEject(this.#sifted.suspects, this.#sifted.pool);
  }
  #sift() {
    this.#sifted = sift(this.#endpoints, this.#clock.now());
    this.#outdated = false;
    if (!sameList(this.#list, this.#sifted.list)) this.#list = this.#sifted.list;
  }
};
function sameList(a, b) {
  return a.length === b.length && a.every((endpoint, i) => endpoint === b[i]);
}

// packages/core/src/selection/endpoint.ts
var Endpoint = class {
  /** The store's latest description; replaced while id, incarnation and address stay the same. */
  instance;
  /** Missing from the store's last listing, kept by the guard against false removals. */
  held = false;
  /** Calls begun by `acquire` or `call` and not ended yet. */
  inFlight = 0;
  consecutiveFailures = 0;
  /** Undefined while it was never ejected, or has proved itself since. */
  ejectedFor = void 0;
  /** When the next trial call may begin, by the clock's `now`; means nothing while it is not ejected. */
  ejectedUntil = 0;
  /** Ejections in a row, as of the last one: see `decayed`. */
  timesEjected = 0;
  returnedAt = 0;
  constructor(instance2) {
    this.instance = instance2;
  }
  /** Counts a call in and tells how the endpoint stands. `now` is read only while it is ejected. */
  begin(now) {
    this.inFlight++;
    if (this.ejectedFor === void 0) return "sound";
    const at = now();
    if (at < this.ejectedUntil) return "ejected";
    this.ejectedUntil = at + ejectionMs(1);
    return "trial";
  }
  /** Counts a call out. The one place where an outcome is written. */
  record(outcome) {
    this.inFlight--;
    if (outcome === "ok") this.consecutiveFailures = 0;
    else if (outcome !== "cancelled") this.consecutiveFailures++;
  }
  /** Takes it out, longer for each time in a row; returns for how many milliseconds. */
  eject(reason, now) {
    const times = this.ejectedFor === void 0 ? this.#timesDecayed(now) : this.timesEjected;
    this.timesEjected = times + 1;
    this.ejectedFor = reason;
    const ms = ejectionMs(this.timesEjected);
    this.ejectedUntil = now + ms;
    return ms;
  }
  /** It has proved itself: back for good. */
  giveBack(now) {
    this.ejectedFor = void 0;
    this.returnedAt = now;
  }
  /** A suspicion has become a fact; for how long does not change. */
  confirmRefused() {
    this.ejectedFor = "refused";
  }
  /** Its trial ended without telling anything: the next may begin now. */
  tryAgain(now) {
    this.ejectedUntil = now;
  }
  #timesDecayed(now) {
    return this.timesEjected === 0 ? 0 : decayed(this.timesEjected, now - this.returnedAt);
  }
};
function sameIdentity(a, b) {
  return a === b || a.id === b.id && sameStart(a, b);
}
function sameStart(a, b) {
  return a.port === b.port && a.incarnation === b.incarnation && a.host === b.host;
}

// packages/core/src/selection/reconcile.ts
function reconcile(previous, instances2, held) {
  const find = finder(previous);
  let same = previous.length === instances2.length;
  const endpoints = instances2.map((instance2, i) => {
    const known = find(instance2);
    if (!known || known !== previous[i] || known.instance !== instance2) same = false;
    const endpoint = known ?? new Endpoint(instance2);
    endpoint.instance = instance2;
    const isHeld = held.size > 0 && held.has(instance2.id);
    if (endpoint.held !== isHeld) same = false;
    endpoint.held = isHeld;
    return endpoint;
  });
  return same ? previous : endpoints;
}
function finder(previous) {
  let next = 0;
  let lookUp;
  return (instance2) => {
    const expected = previous[next];
    if (expected && sameIdentity(expected.instance, instance2)) return previous[next++];
    lookUp ??= indexOf(previous);
    const at = lookUp(instance2);
    if (at === void 0 || !sameStart(previous[at].instance, instance2)) return void 0;
    next = at + 1;
    return previous[at];
  };
}
function indexOf(previous) {
  const byId = /* @__PURE__ */ new Map();
  for (let i = 0; i < previous.length; i++) byId.set(previous[i].instance.id, i);
  if (byId.size === previous.length) return (instance2) => byId.get(instance2.id);
  const byIdentity = new Map(previous.map((endpoint, i) => [identityOf(endpoint.instance), i]));
  return (instance2) => byIdentity.get(identityOf(instance2));
}
function identityOf({ id, incarnation, url }) {
  return `${url} ${incarnation} ${id}`;
}

// packages/core/src/errors.ts
var brand = /* @__PURE__ */ Symbol.for("rollcall.error");
var RollcallError = class extends Error {
  code;
  constructor(code, message, options) {
    super(message, options);
    this.name = "RollcallError";
    this.code = code;
    Object.defineProperty(this, brand, { value: true });
  }
};
function messageOf(error) {
  return error instanceof Error ? error.message || error.name : String(error);
}

// packages/core/src/options.ts
function badOption(name, wrong, fix) {
  return new RollcallError("BAD_OPTION", `Option ${name} ${wrong}: ${fix}.`);
}
function show(value) {
  if (typeof value === "string") return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}\u2026` : value);
  if (typeof value === "object" && value !== null) return Array.isArray(value) ? "an array" : "an object";
  return typeof value === "function" ? "a function" : String(value);
}

// packages/core/src/selection/balancers/guarded.ts
function guarded(balancer) {
  let known = [];
  let members = /* @__PURE__ */ new Set();
  return (candidates) => {
    const chosen = ask(balancer, candidates);
    if (candidates !== known) {
      known = candidates;
      members = new Set(candidates);
    }
    if (members.has(chosen)) return chosen;
    throw badBalancer(`returned ${show(chosen)}, which is none of its ${candidates.length} candidates`);
  };
}
function ask(balancer, candidates) {
  try {
    return balancer(candidates);
  } catch (cause) {
    throw badBalancer(`threw "${messageOf(cause)}"`, cause);
  }
}
function badBalancer(wrong, cause) {
  return new RollcallError(
    "BAD_BALANCER",
    `The balancer function ${wrong}: it must return one of the candidates it is given.`,
    cause === void 0 ? void 0 : { cause }
  );
}

// packages/core/src/selection/balancers/random.ts
function random(chance) {
  return (candidates) => candidates[below(chance, candidates.length)];
}

// packages/core/src/selection/balancers/round-robin.ts
function roundRobin(random2) {
  let next = -1;
  return (candidates) => {
    const i = next < 0 ? below(random2, candidates.length) : next;
    const here = i < candidates.length ? i : 0;
    next = here + 1;
    return candidates[here];
  };
}

// packages/core/src/selection/balancers/weighted-random.ts
function weightedRandom(random2) {
  let known = [];
  let table = new AliasTable([]);
  return (candidates) => {
    if (candidates !== known) {
      known = candidates;
      table = new AliasTable(candidates.map(({ instance: instance2 }) => instance2.weight));
    }
    return candidates[table.at(fraction(random2))];
  };
}

// packages/core/src/selection/balancers/weighted.ts
function weighted(random2) {
  const turns = roundRobin(random2);
  const chances = weightedRandom(random2);
  let known = [];
  let equal = true;
  return (candidates) => {
    if (candidates !== known) {
      known = candidates;
      equal = candidates.every(({ instance: instance2 }) => instance2.weight === candidates[0].instance.weight);
    }
    return equal ? turns(candidates) : chances(candidates);
  };
}

// packages/core/src/selection/balancers/balancer.ts
var factories = {
  weighted,
  "round-robin": roundRobin,
  random,
  "weighted-random": weightedRandom
};
function balancerOf(wanted, chance) {
  if (typeof wanted === "function") return guarded(wanted);
  const name = wanted === void 0 ? "weighted" : wanted;
  if (typeof name === "string" && Object.hasOwn(factories, name)) return factories[name](chance);
  const known = Object.keys(factories).join(", ");
  throw badOption("balancer", `is ${show(name)}`, `give one of ${known}, or a function`);
}

// packages/core/src/selection/outlier.ts
function judge(endpoint, outcome, began, mayEject2) {
  return endpoint.ejectedFor === void 0 ? judgeInService(endpoint, outcome, mayEject2) : judgeEjected(endpoint.ejectedFor, outcome, began);
}
function judgeInService(endpoint, outcome, mayEject2) {
  if (outcome === "refused") return "refused";
  const tooMany = outcome === "failed" && endpoint.consecutiveFailures >= failuresToEject;
  return tooMany && mayEject2() ? "failures" : "none";
}
function judgeEjected(reason, outcome, began) {
  if (outcome === "ok") return began === "sound" ? "none" : "giveBack";
  if (outcome === "cancelled") return began === "trial" ? "tryAgain" : "none";
  if (began === "trial") return outcome === "refused" ? "refused" : "failures";
  return outcome === "refused" && reason === "failures" ? "confirm" : "none";
}

// packages/core/src/selection/outcome.ts
var outcomes = ["ok", "failed", "refused", "cancelled"];
function isOutcome(value) {
  return outcomes.includes(value);
}

// packages/core/src/selection/pick.ts
var Pick = class {
  /** As the store described it when it was picked. */
  instance;
  endpoint;
  #began;
  #settler;
  constructor(endpoint, began, settler) {
    this.instance = endpoint.instance;
    this.endpoint = endpoint;
    this.#began = began;
    this.#settler = settler;
  }
  /**
   * Ends it. The first outcome counts and any later one is ignored, so that `finally` and `using` may end what is
   * ended already. Throws BAD_OPTION for a word that is no outcome; the pick is then still open.
   */
  done(outcome) {
    if (outcome !== "ok" && !isOutcome(outcome)) {
      throw badOption("outcome", `is ${show(outcome)}`, "give 'ok', 'failed', 'refused' or 'cancelled'");
    }
    const settler = this.#settler;
    this.#settler = void 0;
    settler?.settle(this.endpoint, outcome, this.#began);
  }
  [Symbol.dispose]() {
    this.done("cancelled");
  }
};

// packages/core/src/selection/selector.ts
var nobody = /* @__PURE__ */ new Set();
var Selector = class {
  #clock;
  #random;
  #balancer;
  #onEvent;
  #candidates;
  constructor({ clock, random: random2, balancer, onEvent = () => {
  } }) {
    this.#clock = clock;
    this.#random = random2;
    this.#balancer = balancerOf(balancer, random2);
    this.#onEvent = onEvent;
    this.#candidates = new Candidates(clock);
  }
  /** Everybody of the last snapshot, in its order. */
  get endpoints() {
    return this.#candidates.endpoints;
  }
  /** Takes in a snapshot; `held` are the ids in it that the store's last listing lacks. */
  update(instances2, held = nobody) {
    this.#candidates.replace(reconcile(this.endpoints, instances2, held));
  }
  /**
   * One instance; undefined when nobody is worth calling. Counts nothing and allocates nothing; an ejected endpoint's
   * trial is for those who report outcomes, so a pick may meet one that is due for it.
   * Throws BAD_BALANCER for what a user's balancer does wrong.
   */
  pick() {
    const candidates = this.#candidates.current();
    return candidates.length === 0 ? void 0 : this.#balancer(candidates).instance;
  }
  /** Like `pick`, counted until its `done`. Avoids those already `tried` while there are other candidates. */
  acquire(tried) {
    const candidates = this.#candidates.current();
    if (candidates.length === 0) return void 0;
    const endpoint = tried ? this.#avoiding(candidates, tried) : this.#balancer(candidates);
    const began = endpoint.begin(this.#now);
    if (began === "trial") this.#candidates.reconsider();
    return new Pick(endpoint, began, this);
  }
  /** Why each endpoint that is no candidate is none. */
  exclusions() {
    const candidates = new Set(this.#candidates.current());
    const now = this.#clock.now();
    return this.endpoints.filter((endpoint) => !candidates.has(endpoint)).map((endpoint) => {
      const { id, url } = endpoint.instance;
      return { id, url, reason: whyNot(endpoint, now) };
    });
  }
  /** Takes a pick's outcome in: counts it, and ejects or gives back where it says so. Called by Pick alone. */
  settle(endpoint, outcome, began) {
    const wasFailing = endpoint.consecutiveFailures > 0;
    endpoint.record(outcome);
    const isFailing = endpoint.consecutiveFailures > 0;
    if (endpoint.held && wasFailing !== isFailing) this.#candidates.reconsider();
    if (outcome !== "ok" || endpoint.ejectedFor !== void 0) this.#follow(endpoint, outcome, began);
  }
  #follow(endpoint, outcome, began) {
    const consequence = judge(endpoint, outcome, began, this.#mayEject);
    if (consequence === "none" || !this.endpoints.includes(endpoint)) return;
    const { id } = endpoint.instance;
    const now = this.#clock.now();
    this.#candidates.reconsider();
    switch (consequence) {
      case "giveBack":
        endpoint.giveBack(now);
        return this.#onEvent({ type: "endpoint.returned", id });
      case "tryAgain":
        return endpoint.tryAgain(now);
      case "confirm":
        return endpoint.confirmRefused();
      default:
        return this.#onEvent({
          type: "endpoint.ejected",
          id,
          reason: consequence,
          forMs: endpoint.eject(consequence, now)
        });
    }
  }
  /**
   * Asks the balancer again while it chooses one already tried, then settles for any other at random. Handing it a
   * shorter array instead would make it build its tables twice for every retry.
   */
  #avoiding(candidates, tried) {
    let chosen = this.#balancer(candidates);
    for (let left = tried.size; left > 0 && tried.has(chosen); left--) chosen = this.#balancer(candidates);
    if (!tried.has(chosen)) return chosen;
    const others = candidates.filter((endpoint) => !tried.has(endpoint));
    return others[below(this.#random, others.length)] ?? chosen;
  }
  #mayEject = () => this.#candidates.mayEject();
  #now = () => this.#clock.now();
};

// bench/row.ts
function row(name, ours, reference) {
  return { name, ours, reference, ratio: ours / reference.value };
}

// bench/pick.ts
var sizes = [10, 1e3, 1e4];
var rounds = 5;
var batch = 256;
async function bench() {
  const rows = [];
  for (const size of sizes) rows.push(...await pickRows(size));
  rows.push(...await changeRows(1e4));
  rows.push(...bytesRows(1e3));
  return rows;
}
async function pickRows(size) {
  const set = instances(size, () => 1);
  const skewed = instances(size, (i) => 1 + i % 7);
  const counterFloor = { name: "floor: Map.get and a counter", run: mapAndCounter(set) };
  const aliasFloor = { name: "floor: Map.get and an alias table", run: mapAndAlias(skewed) };
  const cases = [
    { name: "pick round-robin", floor: counterFloor, run: picker(set, "round-robin") },
    { name: "pick random", floor: counterFloor, run: picker(set, "random") },
    { name: "pick weighted (equal weights)", floor: counterFloor, run: picker(set, "weighted") },
    { name: "pick weighted-random", floor: aliasFloor, run: picker(skewed, "weighted-random") },
    { name: "acquire and done", floor: counterFloor, run: cycler(set) }
  ];
  const nanos = await timed([counterFloor, aliasFloor, ...cases], batch);
  return cases.map(
    ({ name, floor }) => row(`${name}, ${size} instances`, nanos.get(name), {
      name: floor.name,
      value: nanos.get(floor.name),
      unit: "ns"
    })
  );
}
async function changeRows(size) {
  const make = () => instances(size, () => 1);
  const none = /* @__PURE__ */ new Set();
  const before = reconcile([], make(), none);
  const [again, oneGone, oneNew] = [
    make(),
    make().toSpliced(size >> 1, 1),
    make().toSpliced(size >> 1, 0, instance(size, 1))
  ];
  const shuffled = shuffle(make(), xorshift32(9));
  const counting = { name: "floor: a counting pass", run: () => count(before, again) };
  const countingShuffled = { name: "floor: a counting pass, other order", run: () => count(before, shuffled) };
  const copying = { name: "floor: copying the array without one", run: () => before.toSpliced(size >> 1, 1) };
  const cases = [
    { name: "diff, same order", floor: counting, run: () => reconcile(before, again, none) },
    { name: "diff, one gone", floor: counting, run: () => reconcile(before, oneGone, none) },
    { name: "diff, one new", floor: counting, run: () => reconcile(before, oneNew, none) },
    { name: "diff, other order", floor: countingShuffled, run: () => reconcile(before, shuffled, none) },
    { name: "one of them ejected", floor: copying, run: ejector(reconcile([], make(), none)) }
  ];
  const nanos = await timed([counting, countingShuffled, copying, ...cases], 1);
  return cases.map(
    ({ name, floor }) => row(`${name}, ${size} instances`, nanos.get(name) / 1e3, {
      name: floor.name,
      value: nanos.get(floor.name) / 1e3,
      unit: "us"
    })
  );
}
function bytesRows(size) {
  const set = instances(size, (i) => 1 + i % 7);
  return ["round-robin", "random", "weighted-random"].map(
    (name) => row(`bytes per pick ${name}`, bytesPer(picker(set, name)), {
      name: "floor: one byte",
      value: 1,
      unit: "bytes"
    })
  );
}
function bytesPer(run) {
  const calls = 5e6;
  for (let i = 0; i < calls; i++) run();
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  for (let i = 0; i < calls; i++) run();
  return Math.max(0, process.memoryUsage().heapUsed - before) / calls;
}
async function timed(cases, perBatch) {
  const random2 = xorshift32(Date.now() | 0);
  const seen = new Map(cases.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const { name, run } of shuffle([...cases], random2)) {
      const stats = await measure(repeated(run, perBatch), { min_cpu_time: 1e8 });
      seen.get(name).push(stats.p50 / perBatch);
    }
  }
  return new Map([...seen].map(([name, values]) => [name, median(values)]));
}
var sink;
function repeated(run, times) {
  const loop = new Function("run", "keep", `return () => { for (let i = 0; i < ${times}; i++) keep(run()) }`);
  return loop(run, (value) => sink = value);
}
function picker(set, balancer) {
  const selector = selectorOf(set, balancer);
  return () => selector.pick();
}
function cycler(set) {
  const selector = selectorOf(set, "round-robin");
  return () => selector.acquire().done("ok");
}
function selectorOf(set, balancer) {
  const selector = new Selector({ clock: systemClock, random: xorshift32(1), balancer });
  selector.update(set);
  return selector;
}
function ejector(endpoints) {
  const candidates = new Candidates(systemClock);
  candidates.replace(endpoints);
  let last = endpoints[0];
  let next = 0;
  return () => {
    last.giveBack(0);
    last = endpoints[(next += 7919) % endpoints.length];
    last.eject("refused", 1e9);
    candidates.reconsider();
    return candidates.current();
  };
}
function mapAndCounter(set) {
  const services = /* @__PURE__ */ new Map([["orders", set]]);
  let next = 0;
  return () => {
    const list = services.get("orders");
    if (next >= list.length) next = 0;
    return list[next++];
  };
}
function mapAndAlias(set) {
  const services = /* @__PURE__ */ new Map([["orders", { set, table: new AliasTable(set.map(({ weight }) => weight)) }]]);
  const random2 = xorshift32(1);
  return () => {
    const { set: list, table } = services.get("orders");
    return list[table.at((random2() >>> 0) / 2 ** 32)];
  };
}
function count(before, after) {
  const ids = /* @__PURE__ */ new Map();
  for (const endpoint of before) ids.set(endpoint.instance.id, endpoint);
  let kept = 0;
  for (const { id } of after) if (ids.has(id)) kept++;
  return kept;
}
function instances(size, weight) {
  return Array.from({ length: size }, (_, i) => instance(i, weight(i)));
}
function instance(i, weight) {
  return readInstance({
    service: "orders",
    // As a parser makes them: no two strings are the same object.
    id: Buffer.from(`orders-${i}`).toString(),
    host: Buffer.from(`10.0.${i >> 8}.${i & 255}`).toString(),
    port: 3e3,
    incarnation: Buffer.from(`l0000000-${i}`).toString(),
    weight
  });
}
function shuffle(list, random2) {
  for (let i = list.length - 1; i > 0; i--) {
    const j = (random2() >>> 0) % (i + 1);
    [list[i], list[j]] = [list[j], list[i]];
  }
  return list;
}
function median(values) {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}
if (process.argv[1]?.includes("pick")) {
  for (const { name, ours, reference, ratio } of await bench()) {
    const { name: floor, value, unit } = reference;
    console.log(
      `${name.padEnd(46)} ${ours.toFixed(2)} ${unit}  ${floor} ${value.toFixed(2)}  x ${ratio.toFixed(2)}`
    );
  }
}
export {
  bench
};
