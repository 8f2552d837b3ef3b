import { isDuration } from '../query/validate';
import { texts } from '../texts';

const schemes = ['dns', 'passthrough', 'ipv4', 'ipv6', 'unix'];
const hostAndPort = /^(\[[0-9a-fA-F:.%]+\]|[^\s:/[\]]+):(\d+)$/;

/** Says what is wrong with a gRPC address, if something is. An empty one is not wrong yet. */
export function addressProblem(address: string | undefined): string | undefined {
  const text = address?.trim() ?? '';
  if (text === '') {
    return undefined;
  }
  if (text.includes('@')) {
    return texts.config.addressHasUser;
  }
  return text
    .split(',')
    .map((target) => targetProblem(target.trim()))
    .find((problem) => problem !== undefined);
}

/** One of `host:port`, `dns:///host:port`, `dns://server/host:port`, `passthrough:///…`, `ipv4:…`, `unix:path`. */
function targetProblem(target: string): string | undefined {
  const scheme = /^([a-z][a-z0-9+.-]*):(?!\d+$)/i.exec(target)?.[1]?.toLowerCase();
  if (scheme === 'http' || scheme === 'https') {
    return texts.config.addressIsURL;
  }
  if (scheme && !schemes.includes(scheme)) {
    return texts.config.unknownScheme(scheme);
  }
  const rest = scheme ? target.slice(scheme.length + 1) : target;
  if (scheme === 'unix') {
    return rest.replace(/^\/\//, '') ? undefined : texts.config.noPath;
  }
  const match = hostAndPort.exec(rest.replace(scheme === 'dns' ? /^\/\/[^/]*\// : /^\/\/\//, ''));
  if (!match) {
    return target ? texts.config.noHostAndPort(target) : texts.config.emptyAddress;
  }
  const port = Number(match[2]);
  return port < 1 || port > 65535 ? texts.config.badPort(match[2]!) : undefined;
}

/** Says what is wrong with a duration; `0` is one where it can switch a limit off. */
export function durationProblem(text: string | undefined, zeroIsOff: boolean): string | undefined {
  if (!text || (zeroIsOff && /^0[a-z]*$/.test(text))) {
    return undefined;
  }
  if (isDuration(text)) {
    return undefined;
  }
  return zeroIsOff ? texts.config.badDurationOrZero(text) : texts.config.badDuration(text);
}

// Pyroscope's own rules for names of tenants.
const tenant = /^[a-zA-Z0-9!\-_.*'()]{1,150}$/;

/** Says which tenant has no valid name, if one has not. */
export function tenantsProblem(tenants: string[] | undefined): string | undefined {
  const wrong = tenants?.find((name) => !tenant.test(name) || name === '.' || name === '..');
  return wrong === undefined ? undefined : texts.config.badTenant(wrong);
}
