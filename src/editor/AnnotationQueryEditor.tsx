import { LoadingState, type PanelData } from '@grafana/data';
import React from 'react';

import { texts } from '../texts';

import { Hint } from './Hint';
import { type Props, QueryEditor } from './QueryEditor';

/** Edits which profiles annotations are of; the annotations are always those of the cluster. */
export function AnnotationQueryEditor(props: Props) {
  const outcome = outcomeOf(props.data);
  return (
    <>
      <QueryEditor {...props} selectionOnly />
      <p>{texts.annotation.shows}</p>
      {outcome && <Hint text={outcome} />}
    </>
  );
}

/** Why nothing is shown, where nothing is. */
function outcomeOf(data: PanelData | undefined): string | undefined {
  const problem = data?.errors?.[0]?.message;
  if (problem) {
    return texts.annotation.failed(problem);
  }
  const shown = data?.series.some((frame) => frame.length > 0) || data?.annotations?.some((frame) => frame.length > 0);
  return data?.state === LoadingState.Done && !shown ? texts.annotation.none : undefined;
}
