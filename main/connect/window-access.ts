/** Who may ask the window's server: pages of its own, with the token of this start. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { HttpFault } from './answering.ts';

/** The port that addresses do not name. */
const HTTP_PORT = 80;

export interface WindowAccess {
  /** What any request must be: sent to this computer by its own name, and by no page of another place.
   * @throws HttpFault */
  mustBeLocal(headers: IncomingHttpHeaders): void;
  /** What a request must be that learns or changes anything. @throws HttpFault */
  mustBeAllowed(headers: IncomingHttpHeaders): void;
}

export function windowAccess(port: number, token: string): WindowAccess {
  const names = ['127.0.0.1', 'localhost', '[::1]'];
  // A name of another place that was made to lead here (DNS rebinding) is not among them.
  const hosts = new Set(names.flatMap((name) => [`${name}:${port}`, ...(port === HTTP_PORT ? [name] : [])]));
  const expected = digest(`Bearer ${token}`);
  return {
    mustBeLocal({ host, origin }) {
      if (host === undefined || !hosts.has(host)) throw new HttpFault(403, 'this Host is not answered');
      if (origin !== undefined && origin !== `http://${host}`) {
        throw new HttpFault(403, 'pages of other places are not answered');
      }
    },
    mustBeAllowed(headers) {
      const site = headers['sec-fetch-site'];
      if (site !== undefined && site !== 'same-origin' && site !== 'none') {
        throw new HttpFault(403, 'pages of other places are not answered');
      }
      if (!timingSafeEqual(digest(headers.authorization ?? ''), expected)) {
        throw new HttpFault(401, 'the token is missing, or is of another start');
      }
    },
  };
}

/** Of one length, whatever was given. */
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
