import React, { type Ref, type SVGProps } from 'react';

interface Props extends SVGProps<SVGSVGElement> {
  src?: string;
  title?: string;
  innerRef?: Ref<SVGSVGElement>;
  cacheRequests?: boolean;
  loader?: unknown;
}

/** Stands in for icons, which are fetched over the network. */
export default function EmptyIcon({
  src: _src,
  innerRef,
  cacheRequests: _cache,
  loader: _loader,
  title,
  ...rest
}: Props) {
  return (
    <svg ref={innerRef} {...rest}>
      {title && <title>{title}</title>}
    </svg>
  );
}
