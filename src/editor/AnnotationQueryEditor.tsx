import React from 'react';

import { type Props, QueryEditor } from './QueryEditor';

/** Edits which profiles annotations are of; the annotations are always those of the cluster. */
export function AnnotationQueryEditor(props: Props) {
  return <QueryEditor {...props} selectionOnly />;
}
