import type { IncomingMessage } from "node:http";

type Asked = Pick<IncomingMessage, "method" | "url" | "headers">;

const withoutPort = (host: string): string => host.replace(/:\d+$/, "").toLowerCase();

/**
 * Names that nobody else can make lead here: addresses, names of one label, the reserved `localhost`, `test` and `internal`, and those that AWS's
 * tools use.
 */
const ownHost =
  /^(?:[^.:]*|\d+(?:\.\d+){3}|\[[0-9a-f:.]+\]|(?:.+\.)?(?:localhost|test|internal|localhost\.localstack\.cloud|amazonaws\.com(?:\.cn)?|on\.aws|api\.aws))\.?$/;

/** Pages of this machine's own servers. */
const localPage = /^(?:(?:.+\.)?localhost|(?:.+\.)?localhost\.localstack\.cloud|127(?:\.\d+){3}|\[::1\])$/;

/** Whether a name is one that an attacker's name server could have led to this machine for a page in a browser here. */
export const isStrangeHost = (host: string | undefined): boolean => !ownHost.test(withoutPort(host ?? ""));

/**
 * Whether a browser sends this for a page of elsewhere, and it would change something: browsers ask nobody before they send forms, and calls by
 * GET. Programs name no origin.
 */
export const isFromStrangePage = ({ method = "GET", url = "", headers }: Asked): boolean => {
  const { origin, host = "" } = headers;
  const changes = !["GET", "HEAD", "OPTIONS"].includes(method) || /[?&]Action=/.test(url);
  if (!changes) return false;
  if (origin === undefined) return headers["sec-fetch-site"] === "cross-site";
  if (!URL.canParse(origin)) return true;
  const page = new URL(origin);
  return page.host !== host.toLowerCase() && !localPage.test(page.hostname);
};
