import { LoadingPlaceholder } from '@grafana/ui';
import React, { type ComponentType, lazy, Suspense } from 'react';

import { translations } from '../i18n/translations';
import { texts } from '../texts';

/** A component whose code is loaded when it is first shown, so that dashboards do not pay for editors; and its texts. */
export function lazily<Props extends object>(load: () => Promise<ComponentType<Props>>): ComponentType<Props> {
  // A lazy component takes the props of what it loads; React's types cannot say so of any props.
  const Loaded = lazy(async () => {
    const [component] = await Promise.all([load(), translations]);
    return { default: component };
  }) as unknown as ComponentType<Props>;
  return function Lazy(props: Props) {
    return (
      <Suspense fallback={<LoadingPlaceholder text={texts.loading} />}>
        <Loaded {...props} />
      </Suspense>
    );
  };
}
