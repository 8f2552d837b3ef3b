import { EditorField } from '@grafana/plugin-ui';
import { Input } from '@grafana/ui';
import React, { useState } from 'react';

import { atMostAll } from '../components/atMostAll';
import { Picker } from '../components/Picker';
import { functionsProblem } from '../query/validate';
import { alternatives, joinAlternatives } from '../selector/alternatives';
import { escapeRegex } from '../selector/matcher';
import { texts } from '../texts';

import { type OptionsProps } from './OptionsProps';
import { useOffering } from './useOffering';

/** The expression that names of functions must match, and a list of names to add to it. */
export function FunctionsField({ id, query, functionNames, onChange, onRun }: OptionsProps) {
  const { label, help, placeholder, add, addHelp, addPlaceholder } = texts.options.functions;
  const problem = functionsProblem(query.functions);
  const names = useOffering(functionNames, escapeRegex);
  const chosen = alternatives(query.functions ?? '');
  return (
    <>
      <EditorField label={label} tooltip={help} invalid={Boolean(problem)} error={problem}>
        <Input
          id={`${id}-functions`}
          value={query.functions ?? ''}
          placeholder={placeholder}
          onChange={(event) => onChange({ functions: event.currentTarget.value || undefined })}
          aria-invalid={Boolean(problem)}
          className={atMostAll}
          width={40}
          spellCheck={false}
        />
      </EditorField>
      <EditorField label={add} tooltip={addHelp}>
        <AddPicker
          id={`${id}-add-function`}
          offer={names}
          placeholder={addPlaceholder}
          // An expression that cannot be read cannot be added to.
          disabled={Boolean(problem)}
          onAdd={(name) => {
            if (!chosen.includes(name)) {
              onRun({ functions: joinAlternatives([...chosen, name]) });
            }
          }}
        />
      </EditorField>
    </>
  );
}

interface AddPickerProps {
  id: string;
  offer: React.ComponentProps<typeof Picker>['offer'];
  placeholder: string;
  disabled: boolean;
  onAdd: (value: string) => void;
}

/** A picker that is empty again once something is chosen, with the focus still in it. */
function AddPicker({ onAdd, ...rest }: AddPickerProps) {
  const [chosen, setChosen] = useState<string | null>(null);
  const choose = (value: string) => {
    setChosen(value);
    onAdd(value);
    // Grafana's picker empties its text when it is given another choice, and this is one.
    setTimeout(() => setChosen(null));
  };
  return <Picker {...rest} value={chosen} onChange={choose} width={30} />;
}
