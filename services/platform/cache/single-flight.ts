/** Concurrent loads of one key become one. A load that fails fails for everyone who waits for it and is then forgotten. */
export class SingleFlight {
  readonly #running = new Map<string, Promise<string>>();

  run(key: string, load: () => Promise<string>): Promise<string> {
    const running = this.#running.get(key);
    if (running !== undefined) return running;
    const started = load().finally(() => this.#running.delete(key));
    this.#running.set(key, started);
    return started;
  }
}
