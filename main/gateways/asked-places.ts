/** Which descriptions have been asked for, so that each is asked once however often it is announced (D10). */

/** A household with more devices that answer to a search for routers has not been seen. */
const MOST_HOSTS = 64;
/** IGD:1 and IGD:2 views, and what a setup device adds (D2, D12). */
const MOST_PLACES_PER_HOST = 6;
/** One that could not be fetched is tried again when it is announced again. */
const MOST_ATTEMPTS = 2;

interface Place {
  attempts: number;
  mayBeAsked: boolean;
}

export class AskedPlaces {
  readonly #hosts = new Map<string, Map<string, Place>>();

  /** Whether to ask now; if so it counts as asked. An important host has its place however many others there are. */
  ask(host: string, location: string, isImportant: boolean): boolean {
    const places = this.#hosts.get(host) ?? new Map<string, Place>();
    const place = places.get(location) ?? { attempts: 0, mayBeAsked: true };
    if (!place.mayBeAsked || place.attempts >= MOST_ATTEMPTS) return false;
    if (place.attempts === 0 && places.size >= MOST_PLACES_PER_HOST) return false;
    if (!this.#hosts.has(host) && this.#hosts.size >= MOST_HOSTS && !isImportant) return false;
    this.#hosts.set(host, places.set(location, { attempts: place.attempts + 1, mayBeAsked: false }));
    return true;
  }

  /** Is it being asked, or was it, before anything else of that host? */
  isFirst(host: string, location: string): boolean {
    const [first] = this.#hosts.get(host) ?? [];
    return first !== undefined && first[0] === location && !first[1].mayBeAsked;
  }

  /** Nobody was there; it may be asked again. */
  failed(host: string, location: string): void {
    const place = this.#hosts.get(host)?.get(location);
    if (place !== undefined) place.mayBeAsked = true;
  }
}
