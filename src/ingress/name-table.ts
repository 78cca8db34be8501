import type { Answer, Question } from "dns-packet";

/** The names of AWS, under which unmodified clients look for the cloud. */
const ourSuffixes = ["amazonaws.com", "amazonaws.com.cn", "api.aws", "localhost.localstack.cloud"] as const;

/** Short, because a task behind a registered name may end at any time; long enough to answer a burst of connections. */
const ttlSeconds = 5;

const normal = (name: string): string => name.toLowerCase().replace(/\.$/, "");

/** What containers' names mean: AWS's names are this cloud's gateway, and names of tasks are registered while it runs. */
export class NameTable {
  readonly #gateway: string;
  readonly #registered = new Map<string, readonly string[]>();

  constructor(gateway: string) {
    this.#gateway = gateway;
  }

  /** Gives a name these IPv4 addresses, in place of those it had; a name without any exists but answers nothing. */
  register(name: string, addresses: readonly string[]): void {
    this.#registered.set(normal(name), [...addresses]);
  }

  unregister(name: string): void {
    this.#registered.delete(normal(name));
  }

  /** The answers for a name of ours, perhaps none for its type; undefined for a name that is not ours. */
  answer(question: Question): Answer[] | undefined {
    const addresses = this.#addresses(normal(question.name));
    if (addresses === undefined) return undefined;
    // Clients ask for AAAA too and take a missing name for a missing host, so other types get an empty answer, not an error.
    if (question.type !== "A") return [];
    return addresses.map((data) => ({ name: question.name, type: "A", class: "IN", ttl: ttlSeconds, data }));
  }

  #addresses(name: string): readonly string[] | undefined {
    const registered = this.#registered.get(name);
    if (registered) return registered;
    return ourSuffixes.some((suffix) => name === suffix || name.endsWith(`.${suffix}`)) ? [this.#gateway] : undefined;
  }
}
