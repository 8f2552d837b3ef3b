import { isEqual } from 'lodash';

/** Whether a value has some fields as they are in another, compared by what they hold. */
export function hasFields<Value extends object>(value: Value, fields: Partial<Value>): boolean {
  return Object.entries(fields).every(([field, entry]) => isEqual(entry, value[field as keyof Value]));
}
