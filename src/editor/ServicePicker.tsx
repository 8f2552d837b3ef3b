import { EditorField } from '@grafana/plugin-ui';
import React from 'react';

import { Picker } from '../components/Picker';
import { type LabelSource } from '../selector/completions';
import { selectedService, serviceLabel, withService } from '../selector/edit';
import { parseSelector } from '../selector/parse';
import { texts } from '../texts';

import { useOffering } from './useOffering';

export interface ServicePickerProps {
  id: string;
  selector: string;
  source: LabelSource;
  onChange: (selector: string) => void;
}

/** Chooses the service, which is the selector's matcher that nearly every query has. */
export function ServicePicker({ id, selector, source, onChange }: ServicePickerProps) {
  const { matchers, errors } = parseSelector(selector);
  const services = useOffering(() => source.values(serviceLabel));
  const byFilter = matchers.some((matcher) => matcher.name === serviceLabel);
  return (
    <EditorField label={texts.editor.service} width={24}>
      <Picker
        id={id}
        offer={services}
        value={selectedService(selector) ?? null}
        placeholder={byFilter ? texts.editor.byFilter : texts.editor.allServices}
        // A selector that cannot be read cannot be changed in one place.
        disabled={errors.length > 0}
        custom
        onChange={(service) => onChange(withService(selector, service))}
        onClear={() => onChange(withService(selector, undefined))}
        width={30}
      />
    </EditorField>
  );
}
