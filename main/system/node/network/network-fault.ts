import { NetworkError, type NetworkFault } from '../../system.ts';

const faults: Readonly<Record<string, NetworkFault>> = {
  ECONNREFUSED: 'refused',
  ENETUNREACH: 'unreachable',
  EHOSTUNREACH: 'unreachable',
  ENETDOWN: 'unreachable',
  EHOSTDOWN: 'unreachable',
  EADDRNOTAVAIL: 'unreachable',
  ETIMEDOUT: 'unreachable',
  ENODEV: 'unreachable',
  ENONET: 'unreachable',
  ENOENT: 'unreachable',
  EACCES: 'denied',
  EPERM: 'denied',
  EADDRINUSE: 'in-use',
  ECONNRESET: 'reset',
  ECONNABORTED: 'reset',
  EPIPE: 'reset',
  EBADF: 'closed',
  ECANCELED: 'closed',
  ERR_SOCKET_CLOSED: 'closed',
  ERR_SOCKET_DGRAM_NOT_RUNNING: 'closed',
  ERR_STREAM_DESTROYED: 'closed',
  ERR_SERVER_NOT_RUNNING: 'closed',
};

interface FaultContext {
  readonly platform: NodeJS.Platform;
  /** The error came from binding a local port. */
  readonly binding?: boolean;
  /** Whether the peer needs no router; asked only where it matters. */
  readonly directlyConnected?: () => boolean;
}

/** Meaning of a socket call's errno here. */
export function faultOf(code: string, context: FaultContext): NetworkFault {
  // H1: without the Local Network permission macOS answers so for neighbours; a neighbour that is off gives EHOSTDOWN.
  if (code === 'EHOSTUNREACH' && context.platform === 'darwin' && context.directlyConnected?.() === true)
    return 'local-network';
  // H5: Windows has no privileged ports; WSAEACCES from bind is a port held exclusively or reserved.
  if (code === 'EACCES' && context.platform === 'win32' && context.binding === true) return 'in-use';
  return faults[code] ?? 'other';
}

export function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return '';
  return typeof error.code === 'string' ? error.code : '';
}

/** `doing` completes "could not …". */
export function networkError(
  error: unknown,
  doing: string,
  context: Omit<FaultContext, 'platform'> = {},
): NetworkError {
  if (error instanceof NetworkError) return error;
  const code = codeOf(error);
  const fault = faultOf(code, { platform: process.platform, ...context });
  return new NetworkError(fault, `could not ${doing}: ${code === '' ? String(error) : code}`, { cause: error });
}

export function closedError(what: string): NetworkError {
  return new NetworkError('closed', `${what} is closed`);
}
