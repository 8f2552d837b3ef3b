import { LoadingPlaceholder } from '@grafana/ui';
import React, { type ComponentType, lazy, Suspense } from 'react';

import { texts } from '../texts';

/** A component whose code is loaded when it is first shown, so that dashboards do not pay for editors. */
export function lazily<Props extends object>(load: () => Promise<ComponentType<Props>>): ComponentType<Props> {
  // A lazy component takes the props of what it loads; React's types cannot say so of any props.
  const Loaded = lazy(async () => ({ default: await load() })) as unknown as ComponentType<Props>;
  return function Lazy(props: Props) {
    return (
      <Suspense fallback={<LoadingPlaceholder text={texts.loading} />}>
        <Loaded {...props} />
      </Suspense>
    );
  };
}
