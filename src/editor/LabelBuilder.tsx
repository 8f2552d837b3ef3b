import { Button, IconButton, Stack } from '@grafana/ui';
import React, { useRef, useState } from 'react';

import { type LabelSource } from '../selector/completions';
import { sameSelector, selectedService, serviceLabel } from '../selector/edit';
import { formatSelector } from '../selector/format';
import { type Matcher } from '../selector/matcher';
import { parseSelector } from '../selector/parse';
import { texts } from '../texts';

import { type Draft, MatcherRow } from './MatcherRow';

export interface LabelBuilderProps {
  id: string;
  selector: string;
  source: LabelSource;
  onChange: (selector: string) => void;
}

/** The rows, and the selector that they were made of. */
interface BuilderState {
  drafts: Draft[];
  of: string;
}

/** Edits a selector as a list of matchers. The service's own picker has the service. */
export function LabelBuilder({ id, selector, source, onChange }: LabelBuilderProps) {
  const [state, setState] = useState<BuilderState>(() => ({ drafts: draftsOf(selector), of: selector }));
  if (state.of !== selector) {
    // Unfinished rows stay, unless the selector was changed elsewhere.
    const same = sameSelector(selectorOf(selector, state.drafts), selector);
    setState({ drafts: same ? state.drafts : draftsOf(selector), of: selector });
  }
  const { drafts } = state;
  const addButton = useRef<HTMLButtonElement>(null);
  const setDrafts = (next: Draft[]) => setState({ drafts: next, of: selector });

  const change = (next: Draft[]) => {
    setDrafts(next);
    const built = selectorOf(selector, next);
    if (!sameSelector(built, selector)) {
      onChange(built);
    }
  };

  return (
    <Stack direction="row" gap={1} wrap="wrap" alignItems="center">
      {drafts.map((draft, index) => (
        <Stack
          key={index}
          direction="row"
          gap={0.5}
          wrap="wrap"
          alignItems="center"
          role="group"
          aria-label={texts.editor.filter(index + 1)}
        >
          <MatcherRow
            id={`${id}-${index}`}
            draft={draft}
            source={source}
            onChange={(changed) => change(drafts.map((other, at) => (at === index ? changed : other)))}
          />
          <IconButton
            name="times"
            tooltip={texts.editor.removeFilter(draft.name ?? '').trim()}
            onClick={() => {
              change(drafts.filter((_, at) => at !== index));
              // This button is gone with its row.
              addButton.current?.focus();
            }}
          />
        </Stack>
      ))}
      <Button
        ref={addButton}
        icon="plus"
        variant="secondary"
        size="sm"
        aria-label={texts.editor.addFilterLabel}
        onClick={() => setDrafts([...drafts, { operator: '=' }])}
      >
        {texts.editor.addFilter}
      </Button>
    </Stack>
  );
}

function draftsOf(selector: string): Draft[] {
  const { matchers } = parseSelector(selector);
  return selectedService(selector) === undefined
    ? matchers
    : matchers.filter((matcher) => matcher.name !== serviceLabel);
}

function selectorOf(selector: string, drafts: Draft[]): string {
  const service = selectedService(selector);
  const own: Matcher[] = service === undefined ? [] : [{ name: serviceLabel, operator: '=', value: service }];
  return formatSelector([...own, ...drafts.filter(isComplete)]);
}

function isComplete(draft: Draft): draft is Matcher {
  return Boolean(draft.name) && draft.value !== undefined;
}
