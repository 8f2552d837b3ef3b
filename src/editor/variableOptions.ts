import { getTemplateSrv } from '@grafana/runtime';
import { type ComboboxOption } from '@grafana/ui';

import { texts } from '../texts';

/** The dashboard's variables, as options of a picker. */
export function variableOptions(): ComboboxOption[] {
  return getTemplateSrv()
    .getVariables()
    .map(({ name }) => ({ value: `$${name}`, label: `$${name}`, group: texts.editor.variables }));
}
