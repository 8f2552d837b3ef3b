import { formatSelector } from './format';
import { type Matcher } from './matcher';
import { parseSelector } from './parse';

export const serviceLabel = 'service_name';
export const profileTypeLabel = '__profile_type__';

/** The service that a selector names exactly, if it names one. */
export function selectedService(selector: string): string | undefined {
  const services = parseSelector(selector).matchers.filter((matcher) => matcher.name === serviceLabel);
  return services.length === 1 && services[0]!.operator === '=' ? services[0]!.value : undefined;
}

/** Puts one service in the place of all matchers of the service; no service takes them away. */
export function withService(selector: string, service: string | undefined): string {
  const others = parseSelector(selector).matchers.filter((matcher) => matcher.name !== serviceLabel);
  const chosen: Matcher[] = service ? [{ name: serviceLabel, operator: '=', value: service }] : [];
  return formatSelector([...chosen, ...others]);
}

/** The selector's matchers of the service, which decide what profile types there are. */
export function serviceSelector(selector: string): string {
  return formatSelector(parseSelector(selector).matchers.filter((matcher) => matcher.name === serviceLabel));
}

/** The selector that limits completion: the profile type's, with all matchers but those of one label. */
export function contextSelector(selector: string, profileTypeId: string | undefined, without?: string): string {
  const matchers = parseSelector(selector).matchers.filter((matcher) => matcher.name !== without);
  if (profileTypeId && without !== profileTypeLabel) {
    matchers.unshift({ name: profileTypeLabel, operator: '=', value: profileTypeId });
  }
  return formatSelector(matchers);
}

/** Whether two selectors can be read and have the same matchers in the same order, however they are written. */
export function sameSelector(left: string, right: string): boolean {
  const [one, other] = [parseSelector(left), parseSelector(right)];
  const readable = one.errors.length === 0 && other.errors.length === 0;
  return readable && formatSelector(one.matchers) === formatSelector(other.matchers);
}
